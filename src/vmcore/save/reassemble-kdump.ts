import type { ByteSource } from '../../base/byte-source.js';
import { equalBytes } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { hex, minimum } from '../../base/u64.js';
import { Bitmap } from '../../formats/kdump/bitmap.js';
import { PAGE_DESCRIPTOR_SIZE } from '../../formats/kdump/format.js';
import { type KdumpHeader, readKdumpHeader, readPageDescriptor } from '../../formats/kdump/header.js';
import { clearPart, writePageDescriptor } from '../../formats/kdump/write.js';
import type { DumpSink, SaveProgress } from './dump-target.js';

/** How much is copied at once, in bytes; and how many page descriptors are collected. */
const MAX_COPY_BYTES = 1 << 20;
const MAX_DESCRIPTORS = 1 << 12;

/** One file of a split dump. */
interface Part {
  /** Names it in errors. */
  readonly name: string;
  readonly source: ByteSource;
  readonly header: KdumpHeader & { readonly part: NonNullable<KdumpHeader['part']> };
  /** The number of its pages. */
  readonly pages: number;
}

/**
 * Makes one compressed dump of the files of a split dump, in steps, as makedumpfile --reassemble does. Pages are copied
 * as they are. The header is written last.
 *
 * @param files - in any order
 * @returns the size of the dump in bytes
 * @throws KexecError `EINVAL`, check `kdump-header`, if a file is no part of a split dump, or they are not all parts of
 *   one dump; or as the sink.
 */
export function* reassembleKdump(
  files: readonly { readonly name: string; readonly source: ByteSource }[],
  sink: DumpSink,
): Generator<SaveProgress, bigint> {
  const parts = files.map(openPart).sort((a, b) => (a.header.part.start < b.header.part.start ? -1 : 1));
  const [first] = parts;
  if (first === undefined) refuse('kdump-header', 'EINVAL', 'no part of a split dump was given');
  checkParts(parts, first);
  const { descriptors, blockSize } = first.header;
  yield* copyBitmaps(first, sink);

  const total = parts.reduce((sum, { pages }) => sum + pages, 0);
  const output = new ReassembledPages(sink, Number(descriptors), total);
  for (const part of parts) {
    for (let index = 0; index < part.pages; index += 1) {
      output.copy(part, index);
      if (index % MAX_DESCRIPTORS === 0)
        yield { phase: 'save', done: output.count * blockSize, total: total * blockSize };
    }
    output.endPart();
  }
  output.flush();
  sink.truncate(BigInt(output.end));
  sink.write(0n, buildHead(first));
  return BigInt(output.end);
}

function openPart({ name, source }: { readonly name: string; readonly source: ByteSource }): Part {
  const header = readKdumpHeader(source);
  const { part, frames, dumpedBitmap, bitmapSize, descriptors } = header;
  if (part === undefined) refuse('kdump-header', 'EINVAL', `${name} is no part of a split dump`);
  if (header.isIncomplete) refuse('kdump-header', 'EINVAL', `makedumpfile did not complete ${name}`);
  const { start } = part;
  const end = minimum(part.end, frames);
  if (start > end)
    refuse('kdump-header', 'EINVAL', `${name} has the page frames from ${hex(start)} to ${hex(end)}`);
  const bitmap = new Bitmap(source, dumpedBitmap, bitmapSize);
  const pages = bitmap.countBelow(end) - bitmap.countBelow(start);
  if (descriptors + pages * BigInt(PAGE_DESCRIPTOR_SIZE) > source.size)
    refuse('kdump-header', 'EINVAL', `${name} is cut short: it ends before its page descriptors`);
  return { name, source, header: { ...header, part: { start, end } }, pages: Number(pages) };
}

/** Refuses files that are not the parts of one dump, all of them, once each. */
function checkParts(parts: readonly Part[], first: Part): void {
  const cure = 'give all files of one split dump, each once';
  let next = 0n;
  for (const { name, header, source } of parts) {
    const { part } = header;
    const isSame =
      header.blockSize === first.header.blockSize &&
      header.frames === first.header.frames &&
      header.descriptors === first.header.descriptors &&
      header.dumpLevel === first.header.dumpLevel &&
      equalBytes(header.notes, first.header.notes) &&
      equalBitmaps(source, first);
    if (!isSame)
      refuse('kdump-header', 'EINVAL', `${name} and ${first.name} are parts of two dumps`, { cure });
    if (part.start !== next) {
      const seen =
        part.start < next
          ? `page frames before ${hex(next)} are in ${name} and in another file`
          : `no file has the page frames from ${hex(next)} to ${hex(part.start)}`;
      refuse('kdump-header', 'EINVAL', seen, { cure });
    }
    next = part.end;
  }
  if (next < first.header.frames)
    refuse('kdump-header', 'EINVAL', `no file has the page frames from ${hex(next)} on`, { cure });
}

function equalBitmaps(source: ByteSource, { source: other, header }: Part): boolean {
  if (source === other) return true;
  for (const [at, length] of chunks(header.ramBitmap, header.descriptors))
    if (!equalBytes(source.read(at, length), other.read(at, length))) return false;
  return true;
}

function* copyBitmaps({ source, header }: Part, sink: DumpSink): Generator<SaveProgress> {
  const { ramBitmap, descriptors } = header;
  const total = Number(descriptors - ramBitmap);
  for (const [at, length] of chunks(ramBitmap, descriptors)) {
    sink.write(at, source.read(at, length));
    yield { phase: 'look', done: Number(at - ramBitmap) + length, total };
  }
}

function* chunks(start: bigint, end: bigint): Generator<readonly [at: bigint, length: number]> {
  for (let at = start; at < end; at += BigInt(MAX_COPY_BYTES))
    yield [at, Number(minimum(end - at, BigInt(MAX_COPY_BYTES)))];
}

/** The headers and notes of the first part, as those of a whole dump. */
function buildHead({ source, header }: Part): Uint8Array {
  const head = new Uint8Array(source.read(0n, Number(header.ramBitmap)));
  clearPart(head, header.blockSize);
  return head;
}

/** Collects the pages of all parts, and their descriptors. */
class ReassembledPages {
  /** The number of pages so far. */
  count = 0;
  /** The end of the pages so far. */
  end: number;
  readonly #sink: DumpSink;
  readonly #descriptorsAt: number;
  readonly #bytes = new Uint8Array(MAX_COPY_BYTES);
  /** What was written: pages up to this offset, and this number of descriptors. */
  #written: number;
  #described = 0;
  readonly #descriptors = new DataView(new ArrayBuffer(MAX_DESCRIPTORS * PAGE_DESCRIPTOR_SIZE));
  /** Where the first page of a part was copied to: all pages of zeros of the part may share it. */
  #shared: number | undefined;

  constructor(sink: DumpSink, descriptorsAt: number, total: number) {
    this.#sink = sink;
    this.#descriptorsAt = descriptorsAt;
    this.end = descriptorsAt + total * PAGE_DESCRIPTOR_SIZE;
    this.#written = this.end;
  }

  /** @param index - of the page in its part */
  copy({ name, source, header, pages }: Part, index: number): void {
    const { offset, size, flags } = readPageDescriptor(source, header, BigInt(index));
    if (size === 0 || size > header.blockSize || offset + BigInt(size) > source.size)
      refuse('kdump-header', 'EINVAL', `${name}: a page of ${size} bytes`, { offset });
    const isFirst = offset === header.descriptors + BigInt(pages * PAGE_DESCRIPTOR_SIZE);
    const at = (isFirst ? this.#shared : undefined) ?? this.#append(source.read(offset, size));
    if (isFirst) this.#shared = at;
    writePageDescriptor(this.#descriptors, this.count - this.#described, { offset: at, size, flags });
    this.count += 1;
    if (this.count - this.#described === MAX_DESCRIPTORS) this.flush();
  }

  endPart(): void {
    this.#shared = undefined;
  }

  #append(page: Uint8Array): number {
    const at = this.end;
    if (at + page.length - this.#written > MAX_COPY_BYTES) this.flush();
    this.#bytes.set(page, at - this.#written);
    this.end = at + page.length;
    return at;
  }

  flush(): void {
    if (this.end > this.#written)
      this.#sink.write(BigInt(this.#written), this.#bytes.subarray(0, this.end - this.#written));
    this.#written = this.end;
    const at = this.#descriptorsAt + this.#described * PAGE_DESCRIPTOR_SIZE;
    const size = (this.count - this.#described) * PAGE_DESCRIPTOR_SIZE;
    if (size > 0) this.#sink.write(BigInt(at), new Uint8Array(this.#descriptors.buffer, 0, size));
    this.#described = this.count;
  }
}
