import { attempt, attemptAsync, KexecError } from '../../base/error.js';
import type { Decompress } from '../../formats/compression/decompress.js';
import { findLegacyLz4End, findZstdFrameEnd } from '../../formats/compression/member-end.js';
import type { CpioCompression } from '../../formats/cpio.js';
import { findInitrdEnd } from './bootconfig.js';
import { checkInitrdStart, classifyStart, nameMistake, problem } from './first-bytes.js';
import type { InitrdProblem } from './initrd-report.js';
import { readInitrd } from './read-initrd.js';
import { scanCpio } from './scan-cpio.js';

/** What the structure of an initrd shows. */
export interface InitrdSkim {
  /** The compressions of its archives, as far as they were found. */
  readonly kinds: readonly CpioCompression[];
  /** What is certainly wrong. */
  readonly problem?: InitrdProblem;
}

const MAX_MEMBERS = 256;

/** The first bytes of an archive, which are decompressed to see that it is one. */
const FIRST_BYTES = 4096;

const ASCII_0 = 0x30;
const PADDING = 4;
/** The last bytes of an xz stream: section 2.1.2.4 of the format. */
const XZ_END = [0x59, 0x5a];

/**
 * Examines the structure of an initrd without unpacking it, in some milliseconds whatever its size: the headers of
 * plain archives, the blocks of zstd and lz4, the end of xz, and the first bytes of what is compressed. The other
 * formats do not show without decompression where they end.
 *
 * Never throws for bad input.
 */
export async function skimInitrd(file: Uint8Array, decompress: Decompress): Promise<InitrdSkim> {
  const initrd = file.subarray(0, findInitrdEnd(file));
  const kinds: CpioCompression[] = [];
  const wrong = checkInitrdStart(initrd);
  if (wrong !== undefined) return { kinds, problem: wrong };
  let at: number | undefined = 0;
  for (let members = 0; at !== undefined && members < MAX_MEMBERS; members += 1) {
    while (initrd[at] === 0) at += 1;
    if (at >= initrd.length) break;
    const found: SkimmedMember | InitrdProblem = await skimMember(initrd, at, decompress);
    if ('check' in found) return { kinds, problem: found };
    if (found.kind !== undefined) kinds.push(found.kind);
    at = found.end;
  }
  return { kinds };
}

interface SkimmedMember {
  /** Undefined for plain archives. */
  readonly kind?: CpioCompression;
  /** Where it ends; undefined if its structure does not show that. */
  readonly end: number | undefined;
}

async function skimMember(
  initrd: Uint8Array,
  at: number,
  decompress: Decompress,
): Promise<SkimmedMember | InitrdProblem> {
  if (initrd[at] === ASCII_0) {
    const { flaw, end } = scanCpio(initrd, at);
    if (flaw === undefined) return { end };
    return problem(flaw.kind === 'alignment' ? 'initrd-members' : 'initrd-whole', flaw.seen, flaw.at);
  }
  const bytes = initrd.subarray(at);
  const kind = classifyStart(bytes, at);
  if (typeof kind !== 'string') return kind;
  const end = attempt(() => findEnd(kind, bytes));
  if (end instanceof KexecError) return describeCut(kind, end, at);
  if (kind === 'xz' && !endsAsXz(initrd)) {
    const { problem: found } = await readInitrd(initrd, decompress);
    if (found !== undefined) return found;
  }
  const mistake = await findMistake(kind, initrd, at, decompress);
  if (mistake instanceof KexecError) return describeCut(kind, mistake, at);
  return mistake ?? { kind, end: end === undefined ? undefined : at + end };
}

function describeCut(kind: CpioCompression, { seen }: KexecError, at: number): InitrdProblem {
  return problem('initrd-whole', `the data compressed with ${kind} is cut short or damaged: ${seen}`, at);
}

/** @throws KexecError check `compressed-data`, if the data is cut short. */
function findEnd(kind: CpioCompression, bytes: Uint8Array): number | undefined {
  if (kind === 'zstd') return findZstdFrameEnd(bytes);
  return kind === 'lz4' ? findLegacyLz4End(bytes) : undefined;
}

/** Whether a file ends as an xz stream does, apart from its padding. */
function endsAsXz(file: Uint8Array): boolean {
  let end = file.length;
  while (end >= PADDING && file.subarray(end - PADDING, end).every((byte) => byte === 0)) end -= PADDING;
  return XZ_END.every((byte, index) => file[end - XZ_END.length + index] === byte);
}

/** Finds a file that is no archive, by the first bytes that are compressed: a kernel, most often. */
async function findMistake(
  kind: CpioCompression,
  initrd: Uint8Array,
  at: number,
  decompress: Decompress,
): Promise<InitrdProblem | KexecError | undefined> {
  const decompressor = await decompress(kind);
  if (decompressor === undefined) return undefined;
  const first = await attemptAsync(async () =>
    decompressor(initrd.subarray(at), { limit: FIRST_BYTES, atLimit: 'stop', members: 'first' }),
  );
  if (first instanceof KexecError) return first;
  const start = first.findIndex((byte) => byte !== 0);
  if (start < 0 || first[start] === ASCII_0) return undefined;
  return problem(
    'initrd-whole',
    `in the data compressed with ${kind}: ${nameMistake(first, 0).seen}, and no cpio archive`,
    at,
  );
}
