import type { KexecError } from '../base/error.js';
import type { KernelTrustRules } from './kernel-rules.js';
import { viewAsKernel } from './keyrings/kernel-view.js';
import type { TrustStore } from './keyrings/keyring.js';
import { FileDigests } from './pe/file-digests.js';
import type { PeSignature } from './pe/pe-signature.js';
import { nameRules, type TrustRequest, type Verification } from './policy.js';
import { Verifier } from './verifier.js';
import type { Certificate } from './x509/certificate.js';

/**
 * Verifies a kernel once for all machines that it is to be loaded on. Under `as-kernel` that is once for each set of
 * rules that leads to other keyrings.
 *
 * @param digests - shared by calls for several trust stores
 */
export function verifyForMachines(
  kernel: Uint8Array,
  trust: TrustRequest,
  digests: FileDigests = new FileDigests(trust.hashes),
): Verification {
  const verification = new Verifier({ ...trust, digests }).verifyOnce(kernel);
  if (trust.policy !== 'as-kernel') return verification;
  const { store, hashes } = trust;
  const known = new Map<string, PeSignature | KexecError>();
  const numbers = new Map<Certificate, number>();
  const asKernel: Record<string, PeSignature | KexecError> = {};
  for (const rules of listRules()) {
    const view = viewAsKernel(store, rules, hashes);
    const key = describeStore(view, numbers);
    const signature =
      known.get(key) ??
      new Verifier({ store: view, hashes, policy: 'as-kernel', digests }).verifyOnce(kernel).signature;
    known.set(key, signature);
    asKernel[nameRules(rules)] = signature;
  }
  return { ...verification, asKernel };
}

/** Before 7.0; since then, built with ML-DSA or without. */
const RELEASES = [
  { blacklist: 'signature', knowsMlDsa: false, hasMlDsa: false },
  { blacklist: 'sha256', knowsMlDsa: true, hasMlDsa: true },
  { blacklist: 'sha256', knowsMlDsa: true, hasMlDsa: false },
] as const;

function listRules(): KernelTrustRules[] {
  const either = [true, false];
  return either.flatMap((searchesSecondary) =>
    either.flatMap((searchesPlatform) =>
      either.flatMap((hasMachineKeyring) =>
        either.flatMap((revokesCertificates) =>
          RELEASES.map((release) => ({
            searchesSecondary,
            searchesPlatform,
            hasMachineKeyring,
            revokesCertificates,
            ...release,
          })),
        ),
      ),
    ),
  );
}

/** Equal for stores that lead to the same verdicts. */
function describeStore(
  { keyrings, blacklist, knowsMlDsa, hasMlDsa }: TrustStore,
  numbers: Map<Certificate, number>,
): string {
  const list = (certificates: readonly Certificate[]) =>
    certificates.map((certificate) => {
      const number = numbers.get(certificate) ?? numbers.size;
      numbers.set(certificate, number);
      return number;
    });
  const { certificateHashes, rule, certificates } = blacklist;
  const lists = keyrings.map((keyring) => [keyring.name, list(keyring.certificates)]);
  return JSON.stringify([
    knowsMlDsa,
    hasMlDsa,
    lists,
    certificateHashes.length > 0 && rule,
    list(certificates),
  ]);
}
