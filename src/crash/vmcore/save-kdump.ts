import { KexecError } from '../../base/error.js';
import { writeNotes } from '../../formats/elf/notes.js';
import {
  COMPRESSION_FLAGS,
  type Compression,
  DESCRIPTOR_SIZE,
  type KdumpFacts,
  type KdumpLayout,
  kdumpLayout,
  writeKdumpHeaders,
  writePageDescriptor,
} from '../../formats/kdump/write.js';
import { type DumpTarget, putHead, type Saved, type SaveProgress } from './dump-target.js';
import { FILTER_LEVELS } from './filter.js';
import { readUts } from './info.js';
import { KEPT, PageKinds } from './page-kinds.js';
import { cpuStates } from './registers.js';
import {
  type FrameWindow,
  frameWindows,
  isZero,
  keptRuns,
  LeftOutCounts,
  READ_AT_ONCE,
  readFrames,
  type SavedMemory,
  WINDOW,
} from './saved-memory.js';
import type { Vmcore } from './vmcore.js';

/** Packs a page; what is not smaller than the page is not used. */
export type Pack = (page: Uint8Array) => Uint8Array;

/** Collected before they are written: bytes of pages, and descriptors. */
const OUTPUT_PAGES = 1 << 20;
const OUTPUT_DESCRIPTORS = 1 << 12;

/** What a compressed dump is made of. */
export interface KdumpRequest {
  readonly vmcore: Vmcore;
  readonly saved: SavedMemory;
  /** {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly compression: Compression;
  /** Not called without compression. */
  readonly pack: Pack;
}

/**
 * Saves a dump as makedumpfile's compressed format, whose pages of zeros share one place. What was begun before is gone
 * on with: all that was written of it is found by its page descriptors, which are written after the pages.
 *
 * @throws KexecError, as the target and {@link putHead} refuse, and as the memory refuses.
 */
export function* saveKdump(request: KdumpRequest, target: DumpTarget): Generator<SaveProgress, Saved> {
  const { vmcore, saved, filter } = request;
  const facts = kdumpFacts(request);
  const layout = kdumpLayout(facts);
  const begunAt = target.size;
  const leftOut = new LeftOutCounts();
  const kinds = PageKinds.for(vmcore, filter);
  putHead(target, 0n, writeKdumpHeaders(facts));
  const pages = yield* writeBitmaps(request, layout, kinds, leftOut, target);

  const dataAt = layout.descriptors + pages * DESCRIPTOR_SIZE;
  // The one page of zeros comes first, for all to share.
  const zero = packed(request, new Uint8Array(saved.pageSize), dataAt);
  const sharesZero = (filter & FILTER_LEVELS.zero) !== 0;
  if (sharesZero) putHead(target, BigInt(dataAt), zero.bytes);
  const begun = readBegun(
    target,
    layout,
    pages,
    sharesZero ? dataAt + zero.bytes.length : dataAt,
    zero.offset,
  );

  const output = new PageOutput(target, layout.descriptors, begun);
  let skipped = 0;
  let written = begun.pages;
  const progress = (): SaveProgress => ({
    phase: 'save',
    done: written * saved.pageSize,
    total: pages * saved.pageSize,
    size: dataAt + ((output.end - dataAt) * pages) / Math.max(written, 1),
  });
  yield progress();
  let zeros = begun.zeros;
  for (const window of frameWindows(saved.pageSize, saved.ranges, undefined)) {
    readKept(target, layout, window);
    for (const run of keptRuns(window, Math.max(1, READ_AT_ONCE / saved.pageSize))) {
      const skip = Math.min(begun.pages - skipped, run.end - run.start);
      skipped += skip;
      const start = run.start + skip;
      if (start === run.end) continue;
      const bytes = readFrames(saved, start, run.end);
      for (let at = 0; at < bytes.length; at += saved.pageSize) {
        const page = bytes.subarray(at, at + saved.pageSize);
        if (sharesZero && isZero(page)) {
          zeros += 1;
          output.share({ ...zero, size: zero.bytes.length });
        } else output.add(packed(request, page, output.end));
      }
      written += run.end - start;
      yield progress();
    }
  }
  output.flush();
  leftOut.add(FILTER_LEVELS.zero, zeros);
  const size = BigInt(Math.max(output.end, dataAt));
  target.truncate(size);
  return { size, pages, leftOut: leftOut.all, unknown: kinds?.unknown ?? 0, resumedAt: begunAt };
}

function kdumpFacts({ vmcore, saved, filter, compression }: KdumpRequest): KdumpFacts {
  const { notes, vmcoreinfo } = vmcore;
  const before = notes.findIndex(({ name }) => name === 'VMCOREINFO');
  const info = notes[before];
  // A note's header has 12 bytes, the name 11 and is padded to 4.
  const at = writeNotes(notes.slice(0, Math.max(before, 0))).length + 24;
  return {
    pageSize: saved.pageSize,
    compression,
    dumpLevel: filter,
    physBase: vmcoreinfo.number('PHYS_OFFSET') ?? 0n,
    frames: saved.frames,
    time: Number(vmcoreinfo.lines.CRASHTIME ?? 0) || 0,
    cpus: cpuStates(notes, () => {}).length,
    uts: utsOf(vmcore),
    notes: writeNotes(notes),
    ...(info === undefined ? {} : { vmcoreinfo: { at, size: info.descriptor.length } }),
  };
}

/** As uname(2) gave it; where that cannot be read, what is known all the same. */
function utsOf(vmcore: Vmcore): readonly string[] {
  try {
    return Object.values(readUts(vmcore));
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return ['Linux', '', vmcore.vmcoreinfo.lines.OSRELEASE ?? '', '', 'aarch64', ''];
  }
}

/** Writes which frames are RAM and which of them are kept; gives the number of those. */
function* writeBitmaps(
  { saved }: KdumpRequest,
  { ramBitmap, dumpedBitmap }: KdumpLayout,
  kinds: PageKinds | undefined,
  leftOut: LeftOutCounts,
  target: DumpTarget,
): Generator<SaveProgress, number> {
  let pages = 0;
  for (const window of frameWindows(saved.pageSize, saved.ranges, kinds)) {
    const ram = new Uint8Array(WINDOW / 8);
    const dumped = new Uint8Array(WINDOW / 8);
    for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
      const bit = 1 << (index & 7);
      ram[index >> 3] = (ram[index >> 3] ?? 0) | bit;
      if (window.kinds[index] !== KEPT) continue;
      dumped[index >> 3] = (dumped[index >> 3] ?? 0) | bit;
      pages += 1;
    }
    leftOut.addWindow(window);
    const at = window.first / 8;
    const size = Math.min(WINDOW / 8, dumpedBitmap - ramBitmap - at);
    putHead(target, BigInt(ramBitmap + at), ram.subarray(0, size));
    putHead(target, BigInt(dumpedBitmap + at), dumped.subarray(0, size));
    yield { phase: 'look', done: presentBelow(saved, window.first + WINDOW), total: saved.total };
  }
  return pages;
}

/** Sets a window's kinds by the bitmap that was written: what is not kept there has any kind. */
function readKept(target: DumpTarget, { dumpedBitmap, descriptors }: KdumpLayout, window: FrameWindow): void {
  const at = dumpedBitmap + window.first / 8;
  const bits = target.read(BigInt(at), Math.min(WINDOW / 8, descriptors - at));
  for (let index = window.present.indexOf(1); index >= 0; index = window.present.indexOf(1, index + 1)) {
    const isKept = ((bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    window.kinds[index] = isKept ? KEPT : FILTER_LEVELS.free;
  }
}

interface PackedPage {
  readonly offset: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
}

function packed({ compression, pack }: KdumpRequest, page: Uint8Array, offset: number): PackedPage {
  if (compression === 'none') return { offset, flags: 0, bytes: page };
  const bytes = pack(page);
  return bytes.length < page.length
    ? { offset, flags: COMPRESSION_FLAGS[compression], bytes }
    : { offset, flags: 0, bytes: page };
}

/** How far a save was that had been begun. */
interface Begun {
  /** Pages that are there, whole. */
  readonly pages: number;
  /** How many of them share the page of zeros. */
  readonly zeros: number;
  /** Where the next goes. */
  readonly end: number;
}

/** Follows the descriptors of pages, which lie one behind the other, up to the first that was not written. */
function readBegun(
  target: DumpTarget,
  { descriptors }: KdumpLayout,
  pages: number,
  firstAt: number,
  zeroAt: number,
): Begun {
  const batch = 1 << 12;
  let end = firstAt;
  let zeros = 0;
  for (let index = 0; index < pages; ) {
    const at = BigInt(descriptors + index * DESCRIPTOR_SIZE);
    const left = Number(target.size > at ? target.size - at : 0n);
    const count = Math.min(batch, pages - index, Math.floor(left / DESCRIPTOR_SIZE));
    if (count === 0) return { pages: index, zeros, end };
    const bytes = target.read(at, count * DESCRIPTOR_SIZE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let one = 0; one < count; one += 1, index += 1) {
      const offset = view.getBigUint64(one * DESCRIPTOR_SIZE, true);
      const size = view.getUint32(one * DESCRIPTOR_SIZE + 8, true);
      const isZeros = zeroAt < firstAt && offset === BigInt(zeroAt);
      const isNext = offset === BigInt(end) && BigInt(end + size) <= target.size;
      if (size === 0 || !(isZeros || isNext)) return { pages: index, zeros, end };
      if (isZeros) zeros += 1;
      else end += size;
    }
  }
  return { pages, zeros, end };
}

/** Pages on their way into the target: first the pages, then their descriptors. */
class PageOutput {
  /** Where the next page goes. */
  end: number;
  readonly #target: DumpTarget;
  readonly #descriptorsAt: number;
  /** Of the first descriptor that is not written. */
  #index: number;
  #written: number;
  readonly #pages = new Uint8Array(OUTPUT_PAGES);
  readonly #descriptors = new DataView(new ArrayBuffer(OUTPUT_DESCRIPTORS * DESCRIPTOR_SIZE));
  #count = 0;

  constructor(target: DumpTarget, descriptors: number, { pages, end }: Begun) {
    this.#target = target;
    this.#descriptorsAt = descriptors;
    this.#index = pages;
    this.#written = end;
    this.end = end;
  }

  add({ offset, flags, bytes }: PackedPage): void {
    if (this.end - this.#written + bytes.length > OUTPUT_PAGES) this.flush();
    this.#pages.set(bytes, this.end - this.#written);
    this.end += bytes.length;
    this.share({ offset, flags, size: bytes.length });
  }

  /** A page that is in the file already, or was put there just now. */
  share(place: { readonly offset: number; readonly size: number; readonly flags: number }): void {
    writePageDescriptor(this.#descriptors, this.#count, place);
    this.#count += 1;
    if (this.#count === OUTPUT_DESCRIPTORS) this.flush();
  }

  flush(): void {
    if (this.end > this.#written)
      this.#target.write(BigInt(this.#written), this.#pages.subarray(0, this.end - this.#written));
    this.#written = this.end;
    if (this.#count === 0) return;
    const at = this.#descriptorsAt + this.#index * DESCRIPTOR_SIZE;
    const bytes = new Uint8Array(this.#descriptors.buffer, 0, this.#count * DESCRIPTOR_SIZE);
    this.#target.write(BigInt(at), bytes);
    this.#index += this.#count;
    this.#count = 0;
  }
}

/** Bytes that are present below a page frame. */
function presentBelow({ ranges, pageSize }: SavedMemory, frame: number): number {
  let sum = 0;
  for (const { start, end } of ranges) {
    if (start >= frame * pageSize) break;
    sum += Math.min(end, frame * pageSize) - start;
  }
  return sum;
}
