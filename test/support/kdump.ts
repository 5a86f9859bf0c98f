import { deflateSync } from 'node:zlib';
import { createByteSource } from '../../src/base/byte-source.js';
import { concatenate } from '../../src/base/bytes.js';
import { readCoreHeaders, readElfMachine } from '../../src/formats/elf/core-file.js';
import { EM_X86_64, PT_LOAD, PT_NOTE } from '../../src/formats/elf/format.js';

/** A compression: the bytes of a page, and the flags of its descriptor. */
export type Pack = (page: Uint8Array) => { readonly flags: number; readonly bytes: Uint8Array };

export const PACKS = {
  none: (page) => ({ flags: 0, bytes: page }),
  zlib: (page) => ({ flags: 1, bytes: new Uint8Array(deflateSync(page)) }),
  /** As zstd stores incompressible data: a frame of one raw block. */
  zstd: (page) => ({ flags: 0x20, bytes: rawZstd(page) }),
  /** As a run of 18 + 15 * 255 + 253 literals, and the end. */
  lzo: (page) => ({ flags: 2, bytes: new Uint8Array([...Array(16).fill(0), 253, ...page, 0x11, 0, 0]) }),
  /** The size, and that number of literals. */
  snappy: (page) => ({ flags: 4, bytes: new Uint8Array([0x80, 0x20, 0xf4, 0xff, 0x0f, ...page]) }),
} as const satisfies Record<string, Pack>;

const PAGE = 4096;

/**
 * The compressed dump that makedumpfile would make of an ELF vmcore whose PT_LOADs are pages (diskdump_mod.h, header
 * version 6, 64 bits, little-endian).
 *
 * @param leftOut - numbers of page frames that are RAM but not in the dump
 */
export function buildKdump(vmcore: Uint8Array, pack: Pack, leftOut: readonly number[] = []): Uint8Array {
  const source = createByteSource(vmcore);
  const headers = readCoreHeaders(source);
  const notes = concatenate(
    headers
      .filter(({ type }) => type === PT_NOTE)
      .map(({ offset, fileSize }) => source.read(offset, Number(fileSize))),
  );
  const pages = new Map<number, Uint8Array>();
  for (const { physicalAddress, offset, fileSize } of headers.filter(({ type }) => type === PT_LOAD)) {
    for (let from = 0n; from < fileSize; from += BigInt(PAGE))
      pages.set(Number((physicalAddress + from) / BigInt(PAGE)), source.read(offset + from, PAGE));
  }
  const frames = Math.max(...pages.keys()) + 1;
  const bitmapBlocks = Math.ceil(frames / 8 / PAGE);
  const subBlocks = Math.ceil((104 + notes.length) / PAGE);
  const head = new Uint8Array((1 + subBlocks + 2 * bitmapBlocks) * PAGE);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode('KDUMP   '));
  // The header names other machines than AArch64, as QEMU's does.
  if (readElfMachine(source) === EM_X86_64) head.set(new TextEncoder().encode('x86_64'), 272);
  view.setUint32(8, 6, true);
  view.setUint32(428, PAGE, true);
  view.setUint32(432, subBlocks, true);
  view.setUint32(436, 2 * bitmapBlocks, true);
  view.setUint32(440, frames, true);
  view.setUint32(PAGE + 8, leftOut.length === 0 ? 0 : 31, true);
  view.setBigUint64(PAGE + 48, BigInt(PAGE + 104), true);
  view.setBigUint64(PAGE + 56, BigInt(notes.length), true);
  view.setBigUint64(PAGE + 96, BigInt(frames), true);
  head.set(notes, PAGE + 104);

  const kept = [...pages.keys()].sort((a, b) => a - b).filter((frame) => !leftOut.includes(frame));
  const bitmaps = (1 + subBlocks) * PAGE;
  const setBit = (start: number, frame: number): void => {
    head[start + (frame >> 3)] = (head[start + (frame >> 3)] ?? 0) | (1 << (frame & 7));
  };
  for (const frame of pages.keys()) setBit(bitmaps, frame);
  for (const frame of kept) setBit(bitmaps + bitmapBlocks * PAGE, frame);

  const descriptors = new DataView(new ArrayBuffer(kept.length * 24));
  const packed: Uint8Array[] = [];
  let at = head.length + descriptors.byteLength;
  for (const [index, frame] of kept.entries()) {
    const { flags, bytes } = pack(pages.get(frame) as Uint8Array);
    descriptors.setBigUint64(index * 24, BigInt(at), true);
    descriptors.setUint32(index * 24 + 8, bytes.length, true);
    descriptors.setUint32(index * 24 + 12, flags, true);
    packed.push(bytes);
    at += bytes.length;
  }
  return concatenate([head, new Uint8Array(descriptors.buffer), ...packed]);
}

/** The flattened form of a file: its pieces, the last first, after a wrong version of the first piece. */
export function buildFlattened(file: Uint8Array, pieceSize: number): Uint8Array {
  const header = new Uint8Array(4096);
  header.set(new TextEncoder().encode('makedumpfile'));
  const view = new DataView(header.buffer);
  view.setBigInt64(16, 1n);
  view.setBigInt64(24, 1n);
  const pieces: Uint8Array[] = [piece(0n, new Uint8Array(Math.min(pieceSize, file.length)).fill(0xee))];
  for (let at = file.length - (file.length % pieceSize); at >= 0; at -= pieceSize) {
    if (at < file.length) pieces.push(piece(BigInt(at), file.subarray(at, at + pieceSize)));
  }
  return concatenate([header, ...pieces, pieceHeader(-1n, -1n)]);
}

function piece(at: bigint, bytes: Uint8Array): Uint8Array {
  return concatenate([pieceHeader(at, BigInt(bytes.length)), bytes]);
}

function pieceHeader(at: bigint, size: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, at);
  view.setBigInt64(8, size);
  return bytes;
}

/** RFC 8878: magic, a header with a size of 4 bytes (single segment), one raw block. */
function rawZstd(page: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + page.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xfd2fb528, true);
  bytes[4] = 0xa0;
  view.setUint32(5, page.length, true);
  const block = (page.length << 3) | 1;
  bytes.set([block & 0xff, (block >> 8) & 0xff, block >> 16], 9);
  bytes.set(page, 12);
  return bytes;
}
