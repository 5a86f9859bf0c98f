import { type Check, findGroup } from '../base/checks.js';
import { attempt, KexecError } from '../base/error.js';
import type { TrailEntry } from '../base/trail.js';
import { parsePe } from '../formats/pe/parse.js';
import { findBanner } from '../kernel-file/kernel-banner.js';
import type { Hashes } from '../trust/hashes.js';
import { nameSigner } from '../trust/name-signer.js';
import { findClaimedSigner } from '../trust/sign/list.js';

/** What a kernel is, as far as a load shows it. */
export interface KernelIdentity {
  /** `uname -r`; undefined if the kernel has no banner. */
  readonly release?: string;
  /** The result for its signature; undefined if the load ended before that. */
  readonly signature?: 'holds' | 'none' | 'not verified' | 'not trusted' | 'revoked' | 'does not hold';
  /**
   * The subject of the signer's certificate: verified if the signature holds, else as the signature says. Undefined for
   * a signature that does not hold.
   */
  readonly signer?: string;
}

/** A load, from which a kernel is identified. */
export interface IdentifiedLoad {
  /** The file that was given. */
  readonly file: Uint8Array;
  /** The Image in it; undefined if there is none. */
  readonly image: Uint8Array | undefined;
  readonly trail: readonly TrailEntry[];
  /** To name the signer of a signature that was not verified or is not trusted; without it that signer has no name. */
  readonly hashes?: Hashes | undefined;
}

/** The checks of what follows from a signature: their details name the check that it did not pass. */
const CONSEQUENCES: readonly Check[] = ['signature', 'lockdown'];

/** Identifies the kernel of a load, by its banner and by what the trail says about its signature. */
export function identifyKernel(load: IdentifiedLoad): KernelIdentity {
  const release = load.image && findBanner(load.image)?.release;
  return { ...(release === undefined ? {} : { release }), ...judgeSignature(load) };
}

function judgeSignature(load: IdentifiedLoad): Omit<KernelIdentity, 'release'> {
  const { file, image, trail } = load;
  const entries = trail.filter(({ check }) => check === 'signature');
  const held = entries.findLast(({ verdict }) => verdict === 'ok');
  const signer = entries.findLast((entry) => entry.signer !== undefined)?.signer;
  if (held !== undefined) return { signature: 'holds', ...(signer === undefined ? {} : { signer }) };
  const fault = findFault(trail);
  if (image === undefined || (entries.length === 0 && fault === undefined)) return {};
  // An Image that is no PE file has none; around it, a file that is none may contain one that is signed.
  const around = file === image ? 0 : countSignatures(file);
  if (around === 0 && (countSignatures(image) ?? 0) === 0) return { signature: 'none' };
  if (entries.some(isUnverified)) return { signature: 'not verified', ...claimSigner(load) };
  if (fault === 'trust') return { signature: 'not trusted', ...claimSigner(load) };
  if (fault === 'blacklist') return { signature: 'revoked', ...claimSigner(load) };
  return fault === undefined ? {} : { signature: 'does not hold' };
}

function isUnverified({ verdict, detail }: TrailEntry): boolean {
  return verdict === 'note' && detail.startsWith('not verified');
}

/** The signer that the signature of the file itself names; if it has none, that of the Image in it. */
function claimSigner({ file, image, hashes }: IdentifiedLoad): Pick<KernelIdentity, 'signer'> {
  if (hashes === undefined) return {};
  const signed = [file, image].find((bytes) => bytes !== undefined && (countSignatures(bytes) ?? 0) > 0);
  const subject = signed && findClaimedSigner(signed, hashes);
  return subject === undefined ? {} : { signer: nameSigner(subject) };
}

/** Undefined for a file that is no PE file. */
function countSignatures(bytes: Uint8Array): number | undefined {
  const pe = attempt(() => parsePe(bytes));
  return pe instanceof KexecError ? undefined : pe.certificates.length;
}

/**
 * The check that the signature did not pass: the load was refused for it, or what followed from it names it, in the
 * form `ENOKEY (trust): what was seen`. Undefined if no signature was judged.
 */
function findFault(trail: readonly TrailEntry[]): string | undefined {
  const fault = trail.findLast(
    (entry) => entry.verdict !== 'ok' && findGroup(entry.check) === 'signature' && !isUnverified(entry),
  );
  if (fault === undefined) return undefined;
  const { check, detail } = fault;
  // In the details of other checks, names out of the file may have that form.
  if (!CONSEQUENCES.includes(check)) return check;
  return /\bE[A-Z]+ \(([a-z0-9-]+)\): /.exec(detail)?.[1] ?? check;
}
