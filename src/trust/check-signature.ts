import { KexecError, refuse } from '../base/error.js';
import type { Trail } from '../base/trail.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Envelope } from './envelope.js';
import { findArchPolicy, findSignatureDemand, guaranteesSignature } from './ima/appraisal.js';
import type { PeSignature } from './pe/pe-signature.js';
import type { TrustRequest } from './policy.js';
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
 * `as-kernel` none counts. Under the other policies, an initrd or a command line out of an envelope needs the envelope's
 * signature.
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
      // What came out of a revoked file is revoked, whoever signed it.
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
    const signature = this.#signatureOf(kernel, this.#trail);
    if (signature instanceof KexecError) this.#decide(signature);
    else this.#trail.ok('signature', `signed by ${signature.signer ?? 'a trusted key'}`);
  }

  /** The kernel needs no signature of its own. If it is revoked, by its digest or its signer's certificate, it stays so. */
  #checkCovered(kernel: Uint8Array, { what }: Envelope): void {
    const signature = this.#signatureOf(kernel);
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

  /** @param trail - receives the checks, if the kernel was not verified before */
  #signatureOf(kernel: Uint8Array, trail?: Trail): PeSignature | KexecError {
    const { verified } = this.#trust;
    if (verified?.file === kernel) return verified.signature;
    return new Verifier({ ...this.#trust, trail }).verifyOnce(kernel).signature;
  }

  /** Refuses or notes a signature that does not hold. */
  #decide(error: KexecError): void {
    const { policy } = this.#trust;
    const { lockdown } = this.#machine;
    const demand = policy === 'as-kernel' ? findSignatureDemand(this.#machine) : undefined;
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

function isRevoked(signature: PeSignature | KexecError): signature is KexecError {
  return signature instanceof KexecError && signature.check === 'blacklist';
}

function isTrusted({ signature }: Envelope): boolean {
  return !(signature instanceof KexecError);
}
