import { attemptAsync, KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { MIB } from '../../base/u64.js';
import type { Decompress } from '../../formats/compression/decompress.js';
import type { CpioCompression } from '../../formats/cpio.js';
import { findInitrdEnd } from './bootconfig.js';
import { checkInitrdStart, classifyStart, nameMistake, problem } from './first-bytes.js';
import type { InitrdMember, InitrdProblem, InitrdReport } from './initrd-report.js';
import { type CpioFlaw, type CpioScan, type OnEntry, type ScannedEntry, scanCpio } from './scan-cpio.js';

/** Small files may claim anything; a large initrd is seldom packed to less than a tenth. */
const MIN_UNPACKED_BYTES = Number(192n * MIB);
const MAX_RATIO = 16;
const MAX_UNPACKED_BYTES = Number(2048n * MIB);
const MAX_MEMBERS = 256;

/** Is called with each entry of an initrd. @param member - the number of its archive, from 0 on */
export type OnInitrdEntry = (entry: ScannedEntry, member: number) => void;

/** What has been read so far. */
interface Progress {
  readonly initrd: Uint8Array;
  readonly decompress: Decompress;
  readonly members: InitrdMember[];
  readonly limit: number;
  readonly onEntry: OnInitrdEntry | undefined;
  unpacked: number;
  memory: number;
  at: number;
  problem?: InitrdProblem;
  bound?: InitrdProblem;
}

/**
 * Unpacks an initrd in check, as the kernel does (`unpack_to_rootfs()`): archives one after another, plain or
 * compressed, with zeros between them. Nothing of it is kept but counts.
 *
 * The work is bounded by the initrd's size; {@link InitrdReport.bound} says so where a bound was met. Never throws for
 * bad input.
 *
 * @param onEntry - called with each entry; its bytes are overwritten or freed afterwards
 */
export async function readInitrd(
  file: Uint8Array,
  decompress: Decompress,
  onEntry?: OnInitrdEntry,
): Promise<InitrdReport> {
  const initrd = file.subarray(0, findInitrdEnd(file));
  const limit = Math.min(Math.max(MIN_UNPACKED_BYTES, initrd.length * MAX_RATIO), MAX_UNPACKED_BYTES);
  const progress: Progress = {
    initrd,
    decompress,
    members: [],
    limit,
    onEntry,
    unpacked: 0,
    memory: 0,
    at: 0,
  };
  const wrong = checkInitrdStart(initrd);
  if (wrong !== undefined) progress.problem = wrong;
  while (progress.problem === undefined && progress.bound === undefined && findNext(progress)) {
    if (progress.members.length === MAX_MEMBERS)
      progress.bound = problem('initrd-work', `it has more than ${MAX_MEMBERS} archives`, progress.at);
    else await takeMember(progress);
  }
  const { members, memory, problem: found, bound } = progress;
  return {
    members,
    entries: members.reduce((sum, { entries }) => sum + entries, 0),
    memory,
    isWhole: found === undefined && bound === undefined,
    ...(found === undefined ? {} : { problem: found }),
    ...(bound === undefined ? {} : { bound }),
  };
}

/** Skips zeros. @returns whether anything follows */
function findNext(progress: Progress): boolean {
  while (progress.initrd[progress.at] === 0) progress.at += 1;
  return progress.at < progress.initrd.length;
}

async function takeMember(progress: Progress): Promise<void> {
  const { initrd, at } = progress;
  if (initrd[at] === 0x30) {
    if (at % 4 === 0) takePlain(progress);
    else {
      const seen = `a plain archive begins ${at % 4} bytes after a multiple of 4; the kernel takes no such archive`;
      progress.problem = problem('initrd-members', seen, at);
    }
    return;
  }
  const kind = classifyStart(initrd.subarray(at), at);
  if (typeof kind === 'string') await takeCompressed(kind, progress);
  else progress.problem = kind;
}

function takePlain(progress: Progress): void {
  const { at, initrd } = progress;
  const scan = scanCpio(initrd, at, reportTo(progress));
  if (scan.flaw !== undefined) progress.problem = describeFlaw(scan.flaw, '', scan.flaw.at);
  addMember(progress, 'cpio', scan, { end: scan.end, unpacked: scan.end - at });
}

/** Reports entries of the archive that comes next. */
function reportTo({ onEntry, members }: Progress): OnEntry | undefined {
  const member = members.length;
  return onEntry && ((entry) => onEntry(entry, member));
}

async function takeCompressed(kind: CpioCompression, progress: Progress): Promise<void> {
  const { at, initrd, decompress, limit, unpacked } = progress;
  const found = await decompressMember(kind, initrd.subarray(at), limit - unpacked, decompress);
  if (found instanceof KexecError) {
    const seen = `the data compressed with ${kind} is cut short or damaged: ${found.seen}`;
    progress.problem = problem('initrd-whole', seen, at);
    return;
  }
  const { bytes, size } = found;
  const scan = scanCpio(bytes, 0, reportTo(progress));
  const isBounded = size === undefined;
  const flaw = scan.flaw ?? describeRest(bytes, scan);
  if (isBounded) {
    const seen = `it unpacks to more than ${formatSize(BigInt(limit))}; the rest is not examined`;
    progress.bound = problem('initrd-work', seen, at);
  }
  if (flaw !== undefined && !(isBounded && flaw.kind === 'cut-short')) {
    progress.problem = describeFlaw(flaw, `in the data compressed with ${kind}: `, at);
  }
  addMember(progress, kind, scan, { end: at + (size ?? initrd.length - at), unpacked: bytes.length });
  // What an entry that the bound cuts takes counts as well: it is unpacked.
  if (isBounded) progress.memory += bytes.length - scan.end;
  if (size !== undefined && kind === 'lz4') checkLz4End(progress);
}

/** Decompresses one member. `size` is that of the compressed data; undefined if the limit ended it. */
async function decompressMember(
  kind: CpioCompression,
  bytes: Uint8Array,
  limit: number,
  decompress: Decompress,
): Promise<{ readonly bytes: Uint8Array; readonly size: number | undefined } | KexecError> {
  const decompressor = await decompress(kind);
  if (decompressor === undefined) return { bytes: new Uint8Array(), size: undefined };
  let size: number | undefined;
  const onEnd = (end: number): void => {
    size = end;
  };
  const refused = await attemptAsync(async () =>
    decompressor(bytes, { limit, atLimit: 'stop', members: 'first', onEnd }),
  );
  return refused instanceof KexecError ? refused : { bytes: refused, size };
}

/** What a compressed member holds besides archives. The kernel decompresses no second time. */
function describeRest(bytes: Uint8Array, { end, entries, lacksPadding }: CpioScan): CpioFlaw | undefined {
  if (lacksPadding)
    return { kind: 'cut-short', seen: 'the archive ends within the zeros after an entry', at: end };
  if (bytes.length === 0) return { kind: 'malformed', seen: 'there is nothing in it', at: 0 };
  if (end >= bytes.length) return undefined;
  // Zeros before it may be its own: an Image without an EFI stub begins with some.
  if (entries === 0)
    return { kind: 'malformed', seen: `${nameMistake(bytes, 0).seen}, and no cpio archive`, at: 0 };
  return { kind: 'malformed', seen: nameMistake(bytes.subarray(end), end).seen, at: end };
}

/** unlz4() takes all that follows for blocks, except zeros. */
function checkLz4End(progress: Progress): void {
  const { initrd, at } = progress;
  const left = initrd.length - at;
  if (left <= 4 || initrd[at] === 0) {
    if (left <= 4) progress.at = initrd.length;
    return;
  }
  const seen = 'the kernel takes what follows data compressed with lz4 for more of it';
  progress.problem ??= problem(
    'initrd-members',
    seen,
    at,
    'put the archive compressed with lz4 last, or 4 zeros behind it',
  );
}

function describeFlaw({ kind, seen }: CpioFlaw, where: string, offset: number): InitrdProblem {
  return problem(kind === 'alignment' ? 'initrd-members' : 'initrd-whole', `${where}${seen}`, offset);
}

function addMember(
  progress: Progress,
  kind: InitrdMember['kind'],
  { entries, memory, hasTrailer }: CpioScan,
  { end, unpacked }: { readonly end: number; readonly unpacked: number },
): void {
  progress.members.push({ kind, offset: progress.at, end, unpacked, entries, hasTrailer });
  progress.unpacked += kind === 'cpio' ? 0 : unpacked;
  progress.memory += memory;
  progress.at = end;
}
