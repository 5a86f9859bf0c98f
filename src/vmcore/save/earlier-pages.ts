import { attempt, KexecError } from '../../base/error.js';
import { PAGE_DESCRIPTOR_SIZE } from '../../formats/kdump/format.js';
import { type Codecs, readPage } from '../../formats/kdump/page.js';
import type { DumpTarget } from './dump-target.js';
import { ensureSame, refuseOtherDump } from './earlier-run.js';
import type { KdumpPages, WrittenPages } from './kdump-pages.js';

/** How many page descriptors are read at once. */
const MAX_READ_DESCRIPTORS = 1 << 12;

/** Where the page descriptors of a compressed dump are, and how many there will be. */
interface DescriptorTable {
  readonly descriptorsAt: number;
  readonly total: number;
}

/**
 * Counts the pages that an earlier run wrote: they have a descriptor, which is written after its page. The last one may
 * be half written, and does not count.
 */
export function countWrittenPages(
  target: DumpTarget,
  table: DescriptorTable,
  pages: KdumpPages,
): WrittenPages {
  let written: WrittenPages = { count: 0, zeros: 0, end: pages.end };
  let before = written;
  for (const { offset, size } of readDescriptors(target, table)) {
    const sharesZero = offset === pages.zero?.offset;
    const isNext = offset === written.end && BigInt(offset + size) <= target.size;
    if (size === 0 || !(sharesZero || isNext)) break;
    before = written;
    written = {
      count: written.count + 1,
      zeros: written.zeros + (sharesZero ? 1 : 0),
      end: written.end + (sharesZero ? 0 : size),
    };
  }
  return before;
}

/** Reads the descriptors in the target, whether they were written or not. */
function* readDescriptors(
  target: DumpTarget,
  { descriptorsAt, total }: DescriptorTable,
): Generator<{ readonly offset: number; readonly size: number }> {
  const inFile = Math.floor((Number(target.size) - descriptorsAt) / PAGE_DESCRIPTOR_SIZE);
  const end = Math.min(inFile, total);
  for (let index = 0; index < end; index += MAX_READ_DESCRIPTORS) {
    const count = Math.min(MAX_READ_DESCRIPTORS, end - index);
    const at = BigInt(descriptorsAt + index * PAGE_DESCRIPTOR_SIZE);
    const bytes = target.read(at, count * PAGE_DESCRIPTOR_SIZE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let entry = 0; entry < count * PAGE_DESCRIPTOR_SIZE; entry += PAGE_DESCRIPTOR_SIZE)
      yield { offset: Number(view.getBigUint64(entry, true)), size: view.getUint32(entry + 8, true) };
  }
}

/**
 * Compares a page with what an earlier run wrote for it.
 *
 * @param at - the offset of the descriptors
 * @param index - the number of pages before it
 * @param codecs - unpack what was written
 * @throws KexecError `EEXIST`, check `dump-save`, if that is another page, or is damaged.
 */
export function comparePage(
  target: DumpTarget,
  { at, index, codecs }: { readonly at: number; readonly index: number; readonly codecs: Codecs },
  page: Uint8Array,
): void {
  const source = {
    size: target.size,
    read: (offset: bigint, length: number): Uint8Array => target.read(offset, length),
  };
  const header = { descriptors: BigInt(at), blockSize: page.length };
  const offset = header.descriptors + BigInt(index * PAGE_DESCRIPTOR_SIZE);
  const written = attempt(() => readPage(source, header, BigInt(index), codecs));
  if (written instanceof KexecError && written.check === 'file-access') throw written;
  if (written instanceof KexecError) refuseOtherDump(offset, written);
  ensureSame(written, page, offset);
}
