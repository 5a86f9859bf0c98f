import { toHex } from '../base/bytes.js';
import { KexecError, refuse } from '../base/error.js';
import { Trail } from '../base/trail.js';
import type { Machine } from '../machine/machine-value.js';
import type { Envelope } from './envelope.js';
import type { Hashes } from './hashes.js';
import type { TrustStore } from './keyrings/keyring.js';
import { authenticodeDigest } from './pe/authenticode.js';
import { parsePefile } from './pe/pefile.js';
import { type PeSignature, verifyPeSignature } from './pe/verify-pe.js';

/**
 * What a signature decides. `enforce`: only what is trusted loads. `permissive`: anything loads, and the trail says
 * what is wrong with it. `as-kernel`: what the machine's own kernel would do with its configuration and lockdown.
 */
export type Policy = 'enforce' | 'permissive' | 'as-kernel';

export const POLICIES: readonly Policy[] = ['enforce', 'permissive', 'as-kernel'];

/** By whom, and how strictly, a kernel has to be signed. */
export interface TrustRequest {
  readonly store: TrustStore;
  readonly policy: Policy;
  readonly hashes: Hashes;
  /** What came of verifying the kernel before: {@link verifyOnce}. */
  readonly verified?: Verification | undefined;
}

/** What came of verifying a file, which is told by identity. */
export interface Verification {
  readonly file: Uint8Array;
  /** Its signature, or why it does not hold. */
  readonly signature: PeSignature | KexecError;
}

/** What is loaded, as far as signatures can cover it. */
export interface SignedContents {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine?: string | undefined;
  /** What the kernel came in, and was verified as a whole; none for an Image as it is. */
  readonly envelopes?: readonly Envelope[] | undefined;
}

/**
 * Verifies a kernel's signature, and lets the policy decide: kernel function `kimage_validate_signature()`. An envelope
 * whose signature holds stands for the kernel in it. The machine's own kernel sees no envelope, so under `as-kernel`
 * none counts; under the others, an initrd or a command line out of one loads by its signature alone.
 *
 * @param trust - absent if nobody asked for verification; the trail then says that there was none
 * @throws KexecError as {@link verifyForPolicy}, where the policy refuses; `EPERM` where lockdown does.
 */
export function checkSignature(
  contents: SignedContents,
  trust: TrustRequest | undefined,
  machine: Machine,
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
  checkKernel(contents, trust, machine, trail);
  if (trust.policy !== 'as-kernel') {
    checkCompanion('initrd', contents, trust.policy, machine, trail);
    checkCompanion('commandLine', contents, trust.policy, machine, trail);
  }
}

function checkKernel(
  { kernel, envelopes = [] }: SignedContents,
  trust: TrustRequest,
  machine: Machine,
  trail: Trail,
): void {
  const cover = envelopes.find((envelope) => envelope.kernel === kernel && isTrusted(envelope));
  if (cover !== undefined && trust.policy !== 'as-kernel') {
    // It needs no signature of its own, but one that is revoked stays so.
    const { signature } =
      trust.verified?.file === kernel ? trust.verified : verifyOnce(kernel, trust, new Trail());
    if (signature instanceof KexecError && signature.check === 'blacklist')
      decide(signature, trust.policy, machine, trail);
    else trail.ok('signature', `the signature of ${cover.what} covers the kernel`);
    return;
  }
  const { signature } = trust.verified?.file === kernel ? trust.verified : verifyOnce(kernel, trust, trail);
  if (signature instanceof KexecError) decide(signature, trust.policy, machine, trail);
  else trail.ok('signature', `signed by ${signature.signer ?? 'a trusted key'}`);
}

/**
 * Verifies a kernel, for who loads it on many machines: what becomes of a signature that does not hold is the policy's and
 * the machine's to say, but whether it holds is the same for all.
 *
 * @param trail - of {@link verifyForPolicy}, whose steps a load does not tell again
 */
export function verifyOnce(file: Uint8Array, trust: TrustRequest, trail: Trail): Verification {
  try {
    return { file, signature: verifyForPolicy(file, trust, trail) };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return { file, signature: error };
  }
}

/** What came out of an envelope with the kernel is covered by the envelope's signature, or by none. */
function checkCompanion(
  name: 'initrd' | 'commandLine',
  contents: SignedContents,
  policy: Policy,
  machine: Machine,
  trail: Trail,
): void {
  const value = contents[name];
  const sources = (contents.envelopes ?? []).filter((one) => value !== undefined && one[name] === value);
  const [source] = sources;
  if (source === undefined) return;
  const what = name === 'initrd' ? 'initrd' : 'command line';
  const cover = sources.find(isTrusted);
  if (cover !== undefined) {
    trail.ok('signature', `the signature of ${cover.what} covers the ${what}`);
    return;
  }
  const { signature } = source;
  if (!(signature instanceof KexecError)) return;
  const seen = `the ${what} came with ${source.what}, which has no signature that holds: ${signature.seen}`;
  decide(signature.with(seen), policy, machine, trail);
}

function isTrusted({ signature }: Envelope): boolean {
  return !(signature instanceof KexecError);
}

/**
 * Verifies a file's signature under a policy: as the kernel does, and under `enforce` also against the digests of whole
 * files in dbx, which the kernel does not consult for kexec.
 *
 * @throws KexecError with the errno that the kernel gives; `EKEYREJECTED`, check `blacklist`, for a digest in dbx.
 */
export function verifyForPolicy(
  file: Uint8Array,
  { store, policy, hashes }: TrustRequest,
  trail: Trail,
): PeSignature {
  const signature = verifyPeSignature(file, store, hashes, trail);
  const listed = findFileHash(file, signature, store, hashes);
  if (listed !== undefined) {
    const seen = `the file's digest ${listed} is in dbx; the kernel does not look there, firmware does`;
    if (policy !== 'as-kernel') refuse('blacklist', 'EKEYREJECTED', seen);
    trail.note('blacklist', seen);
  }
  return signature;
}

/** The file's SHA-256 by Authenticode's rules, if dbx has it. */
function findFileHash(
  file: Uint8Array,
  signature: PeSignature,
  { blacklist }: TrustStore,
  hashes: Hashes,
): string | undefined {
  if (blacklist.fileHashes.length === 0) return undefined;
  const digest = signature.hash === 'sha256' ? signature.digest : sha256Of(file, hashes);
  const listed = digest === undefined ? undefined : toHex(digest);
  return blacklist.fileHashes.find((one) => one === listed);
}

function sha256Of(file: Uint8Array, hashes: Hashes): Uint8Array | undefined {
  const hash = hashes('sha256');
  if (hash === undefined) return undefined;
  authenticodeDigest(file, parsePefile(file), hash);
  return hash.digest();
}

/** What becomes of a signature that does not hold. */
function decide(error: KexecError, policy: Policy, machine: Machine, trail: Trail): void {
  if (policy === 'enforce' || (policy === 'as-kernel' && machine.kexecSignature === 'force')) throw error;
  const why = `${error.errno} (${error.check}): ${error.seen}`;
  if (policy === 'permissive') {
    trail.note('signature', `${why}; loaded all the same, because the policy is permissive`);
    return;
  }
  if (machine.lockdown !== undefined && machine.lockdown !== 'none') {
    refuse('lockdown', 'EPERM', `lockdown is ${machine.lockdown}, and the signature does not hold: ${why}`, {
      cause: error,
    });
  }
  const unknown = machine.kexecSignature === undefined ? '; how its kernel is configured is not known' : '';
  trail.note('signature', `${why}; the machine's kernel loads it all the same${unknown}`);
}
