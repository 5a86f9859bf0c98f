import { attempt, KexecError, refuse } from '../base/error.js';
import { Trail } from '../base/trail.js';
import { findLockdown } from '../machine/find-lockdown.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Envelope } from './envelope.js';
import { findArchPolicy, guaranteesSignature } from './ima/appraisal.js';
import { findFatality, findKernelTrustRules, findVerifierFault } from './kernel-rules.js';
import { viewAsKernel } from './keyrings/kernel-view.js';
import type { TrustStore } from './keyrings/keyring.js';
import { nameSigner } from './name-signer.js';
import { isKernelFault } from './pe/kernel-fault.js';
import type { PeSignature } from './pe/pe-signature.js';
import { nameRules, type TrustRequest } from './policy.js';
import { Verifier } from './verifier.js';

/** The parts of a load that signatures can cover. */
export interface SignedContents {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine?: string | undefined;
  /** The PE files that contained the kernel; none for a bare Image. */
  readonly envelopes?: readonly Envelope[] | undefined;
}

/**
 * Verifies a kernel's signature and applies the policy: kernel function `kimage_validate_signature()`.
 *
 * An envelope whose signature holds stands for the kernel in it. The machine's own kernel sees no envelope, so under
 * `as-kernel` none counts. Under the other policies, an initrd or a command line out of an envelope needs the
 * envelope's signature.
 *
 * @param trust - undefined if no verification was requested; the trail then notes that there was none
 * @throws KexecError as `Verifier.verifyForPolicy()`, if the policy refuses; `EPERM` if lockdown does.
 */
export function checkSignature(
  contents: SignedContents,
  trust: TrustRequest | undefined,
  machine: MachineFacts,
  trail: Trail,
): void {
  if (trust === undefined) {
    trail.note('signature', 'not verified: no keyring, certificate or policy was given');
    return;
  }
  if (trust.policy === 'as-kernel' && machine.kexecSignature === 'none') {
    trail.note('signature', "not verified: the machine's kernel has no CONFIG_KEXEC_SIG");
    return;
  }
  const check = new SignatureCheck(trust, machine, trail);
  check.checkKernel(contents);
  if (trust.policy !== 'as-kernel') {
    check.checkCompanion('initrd', contents);
    check.checkCompanion('commandLine', contents);
  }
}

/** The checks of one load on one machine. */
class SignatureCheck {
  readonly #trust: TrustRequest;
  readonly #machine: MachineFacts;
  readonly #trail: Trail;

  constructor(trust: TrustRequest, machine: MachineFacts, trail: Trail) {
    this.#trust = trust;
    this.#machine = machine;
    this.#trail = trail;
  }

  checkKernel({ kernel, envelopes = [] }: SignedContents): void {
    if (this.#trust.policy !== 'as-kernel') {
      const around = envelopes.filter((envelope) => envelope.kernel === kernel);
      // What came out of a revoked file is revoked; the signer does not matter.
      for (const { what, signature } of around) {
        if (isRevoked(signature))
          this.#decide(signature.with(`${what} around the kernel: ${signature.seen}`));
      }
      const cover = around.find(isTrusted);
      if (cover !== undefined) {
        this.#checkCovered(kernel, cover);
        return;
      }
    }
    const signature =
      this.#trust.policy === 'as-kernel' ? this.#askKernel(kernel) : this.#signatureOf(kernel);
    if (signature instanceof KexecError) this.#decide(signature);
    else {
      const signer = nameSigner(signature.signer);
      this.#trail.addSigner(`signed by ${signer}`, signer);
    }
  }

  /** The verdict of the machine's own kernel on a signature. What this project would revoke beside that is a note. */
  #askKernel(kernel: Uint8Array): PeSignature | KexecError {
    const fault = findVerifierFault(this.#machine);
    if (fault !== undefined) return fault;
    const signature = this.#verifyAsKernel(kernel);
    if (!(signature instanceof KexecError)) {
      const strict =
        this.#trust.verified?.file === kernel ? this.#trust.verified.signature : this.#enforce(kernel);
      if (isRevoked(strict)) {
        const how = "the machine's kernel compares dbx otherwise, and does not refuse it";
        this.#trail.note('blacklist', `${strict.seen}; ${how}`);
      }
    } else if (signature.check === 'pe-contents' && isKernelFault(kernel, this.#machine.pageSize)) {
      throw signature.with(
        `${signature.seen}: the machine's kernel faults on this file, whatever it enforces`,
      );
    }
    return signature;
  }

  #verifyAsKernel(kernel: Uint8Array): PeSignature | KexecError {
    const { store, hashes, verified } = this.#trust;
    const rules = findKernelTrustRules(this.#machine);
    const known = verified?.file === kernel ? verified : undefined;
    if (known !== undefined) return known.asKernel?.[nameRules(rules)] ?? known.signature;
    const view = viewAsKernel(store, rules, hashes);
    const count = ({ keyrings }: TrustStore): number =>
      keyrings.reduce((sum, { certificates }) => sum + certificates.length, 0);
    // Fewer than all keyrings; certificates that an old kernel cannot parse are missing from all.
    const searchesAll = rules.searchesSecondary && rules.searchesPlatform;
    if (!searchesAll && count(view) < count(store)) {
      const searched = ['builtin', ...(rules.searchesSecondary ? ['secondary, machine'] : [])];
      if (rules.searchesPlatform) searched.push('platform');
      this.#trail.note(
        'trust',
        `the machine's kernel searches only ${searched.join(', ')}, by its release and configuration`,
      );
    }
    const verifier = new Verifier({ store: view, hashes, policy: 'as-kernel', trail: this.#trail });
    return verifier.verifyOnce(kernel).signature;
  }

  /** The signature by this project's own rules; undefined if nothing is revoked, so that they cannot differ. */
  #enforce(kernel: Uint8Array): PeSignature | KexecError | undefined {
    const { store, hashes } = this.#trust;
    const { certificateHashes, certificates } = store.blacklist;
    if (certificateHashes.length + certificates.length === 0) return undefined;
    return attempt(() => new Verifier({ store, hashes }).verifyPe(kernel));
  }

  /**
   * The kernel needs no signature of its own. If it is revoked, by its digest or its signer's certificate, it stays so.
   */
  #checkCovered(kernel: Uint8Array, { what }: Envelope): void {
    const signature = new SignatureCheck(this.#trust, this.#machine, new Trail()).#signatureOf(kernel);
    if (isRevoked(signature)) this.#decide(signature);
    else this.#trail.ok('signature', `the signature of ${what} covers the kernel`);
  }

  /** What came out of an envelope with the kernel is covered by the envelope's signature, or by none. */
  checkCompanion(name: 'initrd' | 'commandLine', contents: SignedContents): void {
    const value = contents[name];
    const sources = (contents.envelopes ?? []).filter(
      (envelope) => value !== undefined && envelope[name] === value,
    );
    const [source] = sources;
    if (source === undefined) return;
    const what = name === 'initrd' ? 'initrd' : 'command line';
    const cover = sources.find(isTrusted);
    if (cover !== undefined) {
      this.#trail.ok('signature', `the signature of ${cover.what} covers the ${what}`);
      return;
    }
    const { signature } = source;
    if (!(signature instanceof KexecError)) return;
    this.#decide(
      signature.with(
        `the ${what} came with ${source.what}, which has no signature that holds: ${signature.seen}`,
      ),
    );
  }

  /** The trail receives the checks, unless the kernel was verified before. */
  #signatureOf(kernel: Uint8Array): PeSignature | KexecError {
    const { verified } = this.#trust;
    if (verified?.file === kernel) return verified.signature;
    return new Verifier({ ...this.#trust, trail: this.#trail }).verifyOnce(kernel).signature;
  }

  /** Refuses or notes a signature that does not hold. */
  #decide(error: KexecError): void {
    const { policy } = this.#trust;
    const lockdown = findLockdown(this.#machine);
    const demand = policy === 'as-kernel' ? findFatality(error, this.#machine) : undefined;
    if (policy === 'enforce' || demand !== undefined) throw error;
    const why = `${error.errno} (${error.check}): ${error.seen}`;
    if (policy === 'permissive') {
      this.#trail.note('signature', `${why}; loaded all the same, because the policy is permissive`);
      return;
    }
    if (lockdown !== undefined && lockdown !== 'none' && !guaranteesSignature(this.#machine)) {
      refuse('lockdown', 'EPERM', `lockdown is ${lockdown}, and the signature does not hold: ${why}`, {
        cause: error,
      });
    }
    this.#trail.note('signature', `${why}; ${describeLaxKernel(this.#machine)}`);
  }
}

/** What a kernel does with a signature that does not hold, if neither configuration nor lockdown refuses it. */
function describeLaxKernel(machine: MachineFacts): string {
  if (findArchPolicy(machine) === 'unknown') {
    return (
      "the machine's kernel loads it all the same only if Secure Boot is off, which is not known: with Secure Boot on, " +
      'CONFIG_IMA_ARCH_POLICY makes signatures binding'
    );
  }
  const unknown = machine.kexecSignature === undefined ? "; its kernel's configuration is not known" : '';
  return `the machine's kernel loads it all the same${unknown}`;
}

function isRevoked(signature: PeSignature | KexecError | undefined): signature is KexecError {
  return signature instanceof KexecError && signature.check === 'blacklist';
}

function isTrusted({ signature }: Envelope): boolean {
  return !(signature instanceof KexecError);
}
