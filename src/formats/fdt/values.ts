/**
 * The forms that property values have: Devicetree Specification v0.4, section 2.2.4. All numbers are big-endian; a cell
 * is 32 bits. What does not have the form that is asked for is a KexecError `EINVAL`, check `dtb-value`.
 */
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';

/** An address and a size, as `reg` and the kernel's /chosen properties have them. */
export interface FdtRange {
  readonly address: bigint;
  readonly size: bigint;
}

const CELL_LIMIT = 1n << 32n;

/** A number of one cell. */
export function encodeU32(value: number): Uint8Array {
  return encodeCells(BigInt(value), 1);
}

/** A number of two cells. */
export function encodeU64(value: bigint): Uint8Array {
  return encodeCells(value, 2);
}

/** A number of `cells` cells, 0 to 2; none can hold nothing but 0. */
export function encodeCells(value: bigint, cells: number): Uint8Array {
  checkCells(cells);
  if (value < 0n || value >= 1n << BigInt(32 * cells))
    refuse('dtb-value', 'EINVAL', `${hex(value)} does not fit ${cells} cells`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes.subarray(8 - 4 * cells);
}

/**
 * An address and a size of 1 or 2 cells each. With one cell for addresses, the range may not go beyond 4 GiB. The rules
 * are those of libfdt's `fdt_appendprop_addrrange()`, with which the kernel writes ranges into /chosen.
 */
export function encodeRange(
  { address, size }: FdtRange,
  addressCells: number,
  sizeCells: number,
): Uint8Array {
  if (addressCells === 0 || sizeCells === 0)
    refuse('dtb-value', 'EINVAL', 'a range needs cells for its address and its size');
  if (addressCells === 1 && address + size > CELL_LIMIT) {
    refuse(
      'dtb-value',
      'EINVAL',
      `${hex(size)} bytes at ${hex(address)} do not end within the 4 GiB of one address cell`,
    );
  }
  const bytes = new Uint8Array(4 * (addressCells + sizeCells));
  bytes.set(encodeCells(address, addressCells));
  bytes.set(encodeCells(size, sizeCells), 4 * addressCells);
  return bytes;
}

/** Text in UTF-8, and a NUL. */
export function encodeString(text: string): Uint8Array {
  return encodeStrings([text]);
}

/** A list of texts, each in UTF-8 and with its NUL. */
export function encodeStrings(texts: readonly string[]): Uint8Array {
  const hasNul = texts.find((text) => text.includes('\0'));
  if (hasNul !== undefined) refuse('dtb-value', 'EINVAL', `the text ${JSON.stringify(hasNul)} has a NUL`);
  return new TextEncoder().encode(texts.map((text) => `${text}\0`).join(''));
}

/** The number that a value of one cell is. */
export function readU32(value: Uint8Array): number {
  return Number(readCells(value, 1));
}

/** The number that a value of two cells is. */
export function readU64(value: Uint8Array): bigint {
  return readCells(value, 2);
}

/** The number that a value of `cells` cells is, 0 to 2, the kernel's `of_read_number()`. Without cells it is 0. */
export function readCells(value: Uint8Array, cells: number): bigint {
  checkCells(cells);
  if (value.length !== 4 * cells)
    refuse('dtb-value', 'EINVAL', `a value of ${value.length} bytes, not ${cells} cells`);
  return value.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** The pairs of address and size that a `reg` is made of; the parent node says of how many cells (cells.ts). */
export function readReg(value: Uint8Array, addressCells: number, sizeCells: number): FdtRange[] {
  checkCells(addressCells);
  checkCells(sizeCells);
  const entry = 4 * (addressCells + sizeCells);
  if (entry === 0 || value.length % entry !== 0) {
    refuse(
      'dtb-value',
      'EINVAL',
      `a reg of ${value.length} bytes, of ${addressCells} address cells and ${sizeCells} size cells each`,
    );
  }
  const ranges: FdtRange[] = [];
  for (let start = 0; start < value.length; start += entry) {
    const middle = start + 4 * addressCells;
    ranges.push({
      address: readCells(value.subarray(start, middle), addressCells),
      size: readCells(value.subarray(middle, start + entry), sizeCells),
    });
  }
  return ranges;
}

/** The text of a value that is just one. */
export function readString(value: Uint8Array): string {
  const [text, ...more] = readStrings(value);
  if (text === undefined || more.length > 0)
    refuse('dtb-value', 'EINVAL', `a value of ${value.length} bytes is not one text and its NUL`);
  return text;
}

/** The texts of a value that is a list of them; none, if it is empty. */
export function readStrings(value: Uint8Array): string[] {
  if (value.length === 0) return [];
  if (value.at(-1) !== 0)
    refuse('dtb-value', 'EINVAL', `a text of ${value.length} bytes does not end in NUL`);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(value.subarray(0, -1)).split('\0');
  } catch (cause) {
    refuse('dtb-value', 'EINVAL', `a text of ${value.length} bytes is not UTF-8`, { cause });
  }
}

function checkCells(cells: number): void {
  if (cells !== 0 && cells !== 1 && cells !== 2)
    refuse('dtb-value', 'EINVAL', `a number of ${cells} cells, where 0 to 2 can be read`);
}
