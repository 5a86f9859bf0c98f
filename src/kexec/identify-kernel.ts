import { findGroup } from '../base/checks.js';
import { attempt, KexecError } from '../base/error.js';
import type { TrailEntry } from '../base/trail.js';
import { parsePe } from '../formats/pe/parse.js';
import { findBanner } from '../kernel-file/kernel-banner.js';

/** What a kernel is, as far as a load shows it. */
export interface KernelIdentity {
  /** `uname -r`; undefined if the kernel has no banner. */
  readonly release?: string;
  /** The result for its signature; undefined if the load ended before that. */
  readonly signature?: 'holds' | 'none' | 'not verified' | 'does not hold';
  /** Of a signature that holds: the subject of the signer's certificate. */
  readonly signer?: string;
}

/** A load, from which a kernel is identified. */
export interface IdentifiedLoad {
  /** The file that was given. */
  readonly file: Uint8Array;
  /** The Image in it; undefined if there is none. */
  readonly image: Uint8Array | undefined;
  readonly trail: readonly TrailEntry[];
}

/** Identifies the kernel of a load, by its banner and by what the trail says about its signature. */
export function identifyKernel({ file, image, trail }: IdentifiedLoad): KernelIdentity {
  const release = image && findBanner(image)?.release;
  return { ...(release === undefined ? {} : { release }), ...judgeSignature({ file, image, trail }) };
}

function judgeSignature({ file, image, trail }: IdentifiedLoad): Omit<KernelIdentity, 'release'> {
  const entries = trail.filter(({ check }) => check === 'signature');
  const held = entries.findLast(({ verdict }) => verdict === 'ok');
  const signer = entries.findLast((entry) => entry.signer !== undefined)?.signer;
  if (held !== undefined) return { signature: 'holds', ...(signer === undefined ? {} : { signer }) };
  if (image === undefined || (entries.length === 0 && !isJudged(trail))) return {};
  // An Image that is no PE file has none; around it, a file that is none may contain one that is signed.
  const around = file === image ? 0 : countSignatures(file);
  if (around === 0 && (countSignatures(image) ?? 0) === 0) return { signature: 'none' };
  if (entries.some(({ verdict, detail }) => verdict === 'note' && detail.startsWith('not verified')))
    return { signature: 'not verified' };
  return isJudged(trail) ? { signature: 'does not hold' } : {};
}

/** Undefined for a file that is no PE file. */
function countSignatures(bytes: Uint8Array): number | undefined {
  const pe = attempt(() => parsePe(bytes));
  return pe instanceof KexecError ? undefined : pe.certificates.length;
}

/** Whether a signature was judged: a policy noted what is wrong with it, or refused the load for it. */
function isJudged(trail: readonly TrailEntry[]): boolean {
  return trail.some(({ check, verdict }) => verdict !== 'ok' && findGroup(check) === 'signature');
}
