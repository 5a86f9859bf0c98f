import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concatenate, encodeU64le } from '../../src/base/bytes.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import { assemble, linkWithLd } from '../support/binutils.js';

/** A bit of memory that is changed after everything was loaded. */
export interface Place {
  /** Physical. */
  readonly address: bigint;
  readonly bit: number;
}

const SOURCE = fileURLToPath(new URL('tampering-rom.S', import.meta.url));

/** The code's part of the ROM, which ends at 4 GiB. */
const CODE_SIZE = 0x1_0000;
const CODE_ADDRESS = (1n << 32n) - BigInt(CODE_SIZE);

/** A row of the table of segments. */
const ROW_SIZE = 32;

/**
 * Builds a ROM for QEMU's `-bios` that loads a kimage and enters it again after each reset: at the n-th time with the
 * n-th place changed, and after the last place as it is.
 */
export function buildTamperingRom({ segments, entry }: Kimage, places: readonly Place[]): Uint8Array {
  const contents = concatenate(segments.map(({ bytes }) => bytes));
  const segmentTableSize = ROW_SIZE * (segments.length + 1);
  const placeTable = encodeNumbers(
    ...places.flatMap(({ address, bit }) => [address, BigInt(1 << bit)]),
    ...[entry, 0n], // changes no bit
  );
  const size = contents.length + segmentTableSize + placeTable.length;
  const padding = new Uint8Array(Math.ceil(size / CODE_SIZE) * CODE_SIZE - size);
  const start = CODE_ADDRESS - BigInt(size + padding.length);
  const segmentTable = new Uint8Array(segmentTableSize); // a row of zeros ends it
  let at = 0;
  for (const [index, { mem, bytes, memsz }] of segments.entries()) {
    const length = BigInt(bytes.length);
    segmentTable.set(encodeNumbers(mem, start + BigInt(at), length, memsz - length), ROW_SIZE * index);
    at += bytes.length;
  }
  const symbols = {
    segments: start + BigInt(contents.length),
    places: start + BigInt(contents.length + segmentTableSize),
    entry,
  };
  const object = assemble(readFileSync(SOURCE, 'utf8'), 'x86-64');
  const code = linkWithLd(object, CODE_ADDRESS, ['.text'], symbols, 'x86-64');
  return concatenate([contents, segmentTable, placeTable, padding, code]);
}

function encodeNumbers(...numbers: readonly bigint[]): Uint8Array {
  return concatenate(numbers.map(encodeU64le));
}
