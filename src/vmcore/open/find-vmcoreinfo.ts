import { decodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { minimum } from '../../base/u64.js';
import { VirtualMemory } from '../address/virtual-memory.js';
import {
  MAX_VMCOREINFO_BYTES,
  readVmcoreinfoText,
  VMCOREINFO_NAME,
  VmcoreinfoFacts,
} from '../address/vmcoreinfo.js';
import { readUts } from '../summary/uts.js';
import type { Dump } from './open-dump.js';

/** VMCOREINFO that was found in dumped memory. */
export interface FoundVmcoreinfo {
  /** Its physical address. */
  readonly address: bigint;
  readonly text: Uint8Array;
}

/** The note and its text are in pages of their own: `crash_save_vmcoreinfo_init()`. The smallest page, in bytes. */
const PAGE_SIZE = 4096;
/** How much is read at once, in bytes. */
const CHUNK_BYTES = 1 << 18;
/** How much is searched: enough for most guests, and a few seconds of reading. In bytes. */
const MAX_SEARCHED_BYTES = 1n << 32n;
/** Decompressing takes longer than reading. */
const MAX_SEARCHED_COMPRESSED_BYTES = 1n << 28n;
/**
 * Give up after this many finds that are not of the kernel in the dump: copies in caches, remains of earlier kernels.
 */
const MAX_CANDIDATES = 64;

/** A note header: sizes of name and descriptor, type 0; and the name. The text follows 24 bytes after the start. */
const NAME_AT = 12;
const TEXT_AT = 24;
const NAME_SIZE = VMCOREINFO_NAME.length + 1;
const TEXT_START = 'OSRELEASE=';

/**
 * Searches dumped memory for the VMCOREINFO of the kernel in it. The kernel keeps the note, and its text, at the start
 * of a page from its boot on, so that a dump of a hypervisor contains it without having a note of it.
 *
 * Counts only what leads to the kernel's own data: the release that `init_uts_ns` has must be OSRELEASE.
 *
 * @param fileSize - of the dump, in bytes: more is not searched, because PT_LOADs can share bytes
 * @returns undefined if there is none in what was searched
 */
export function findVmcoreinfo(dump: Dump, fileSize: bigint): FoundVmcoreinfo | undefined {
  let candidates = 0;
  for (const address of findPages(dump, fileSize)) {
    const text = attempt(() => readCandidate(dump, address));
    if (!(text instanceof KexecError) && text !== undefined && isOfKernel(dump, text))
      return { address, text };
    candidates += 1;
    if (candidates >= MAX_CANDIDATES) return undefined;
  }
  return undefined;
}

/** Finds the pages that begin like VMCOREINFO. */
function* findPages({ memory, format }: Dump, fileSize: bigint): Generator<bigint> {
  let left = format === 'ELF' ? minimum(fileSize, MAX_SEARCHED_BYTES) : MAX_SEARCHED_COMPRESSED_BYTES;
  for (const { start, end } of memory.presentRuns()) {
    const first = start + ((BigInt(PAGE_SIZE) - (start % BigInt(PAGE_SIZE))) % BigInt(PAGE_SIZE));
    for (let at = first; at < end; at += BigInt(CHUNK_BYTES)) {
      if (left <= 0n) return;
      const length = Number(minimum(end - at, BigInt(CHUNK_BYTES)));
      left -= BigInt(length);
      const bytes = attempt(() => memory.read(at, length));
      if (bytes instanceof KexecError) continue;
      for (let page = 0; page + TEXT_AT <= length; page += PAGE_SIZE)
        if (looksLikeVmcoreinfo(bytes, page)) yield at + BigInt(page);
    }
  }
}

/** Whether bytes are the start of the note, or of its text. */
function looksLikeVmcoreinfo(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === TEXT_START.charCodeAt(0)) return startsWith(bytes, at, TEXT_START);
  return bytes[at] === NAME_SIZE && startsWith(bytes, at + NAME_AT, VMCOREINFO_NAME);
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return decodeLatin1(bytes, at, Math.min(at + text.length, bytes.length)) === text;
}

/** Reads the text of a note, or the text alone, up to its end. */
function readCandidate({ memory }: Dump, address: bigint): Uint8Array | undefined {
  const head = memory.read(address, TEXT_AT);
  const isNote = head[0] === NAME_SIZE;
  const size = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
  if (isNote && size > MAX_VMCOREINFO_BYTES) return undefined;
  const start = isNote ? address + BigInt(TEXT_AT) : address;
  // The page size is not known yet: what can be read by pages is read.
  const pieces: number[] = [];
  const most = isNote ? size : MAX_VMCOREINFO_BYTES;
  while (pieces.length < most) {
    const at = start + BigInt(pieces.length);
    const length = Math.min(most - pieces.length, PAGE_SIZE - Number(at % BigInt(PAGE_SIZE)));
    const bytes = attempt(() => memory.read(at, length));
    if (bytes instanceof KexecError) break;
    const nul = bytes.indexOf(0);
    pieces.push(...bytes.subarray(0, nul < 0 ? length : nul));
    if (nul >= 0) break;
  }
  return Uint8Array.from(pieces);
}

function isOfKernel(dump: Dump, text: Uint8Array): boolean {
  const facts = new VmcoreinfoFacts(readVmcoreinfoText(text));
  const virtual = new VirtualMemory(dump, dump.architecture.deriveAddressSpace(facts));
  const uts = attempt(() => readUts({ virtual, vmcoreinfo: facts }));
  return !(uts instanceof KexecError) && uts.release !== '' && uts.release === facts.lines.OSRELEASE;
}
