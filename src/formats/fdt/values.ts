/**
 * The forms of property values: Devicetree Specification v0.4, section 2.2.4. All numbers are big-endian; a cell has 32
 * bits. A value of another form is refused with a KexecError `EINVAL`, check `dtb-value`.
 */
import { decodeLatin1 } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';

/** An address and a size in bytes, as in `reg` and in the kernel's /chosen. */
export interface FdtRange {
  readonly address: bigint;
  readonly size: bigint;
}

const CELL_LIMIT = 1n << 32n;

/** Encodes a number as one cell. */
export function encodeU32(value: number): Uint8Array {
  return encodeCells(BigInt(value), 1);
}

/** Encodes a number as two cells. */
export function encodeU64(value: bigint): Uint8Array {
  return encodeCells(value, 2);
}

/** Encodes a number as 0 to 2 cells; without cells, only 0 is possible. */
export function encodeCells(value: bigint, cells: number): Uint8Array {
  checkCells(cells);
  if (value < 0n || value >= 1n << BigInt(32 * cells))
    refuse('dtb-value', 'EINVAL', `${hex(value)} does not fit into ${cells} cells`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes.subarray(8 - 4 * cells);
}

/**
 * Encodes an address and a size of 1 or 2 cells each. With one cell for addresses, the range must end within 4 GiB. The
 * rules are those of libfdt's `fdt_appendprop_addrrange()`, which the kernel writes /chosen with.
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
      `${formatBytes(size)} at ${hex(address)} do not end within the 4 GiB of one address cell`,
    );
  }
  const bytes = new Uint8Array(4 * (addressCells + sizeCells));
  bytes.set(encodeCells(address, addressCells));
  bytes.set(encodeCells(size, sizeCells), 4 * addressCells);
  return bytes;
}

/** Encodes a text as UTF-8 with a NUL at its end. */
export function encodeString(text: string): Uint8Array {
  return encodeStrings([text]);
}

/** Encodes a list of texts, each as UTF-8 with a NUL at its end. */
export function encodeStrings(texts: readonly string[]): Uint8Array {
  const hasNul = texts.find((text) => text.includes('\0'));
  if (hasNul !== undefined)
    refuse('dtb-value', 'EINVAL', `the text ${JSON.stringify(hasNul)} contains a NUL`);
  return new TextEncoder().encode(texts.map((text) => `${text}\0`).join(''));
}

/** Reads a value of one cell. */
export function readU32(value: Uint8Array): number {
  return Number(readCells(value, 1));
}

/** Reads a value of two cells. */
export function readU64(value: Uint8Array): bigint {
  return readCells(value, 2);
}

/** Reads a value of 0 to 2 cells: the kernel's `of_read_number()`. Without cells it is 0. */
export function readCells(value: Uint8Array, cells: number): bigint {
  checkCells(cells);
  if (value.length !== 4 * cells)
    refuse('dtb-value', 'EINVAL', `a value of ${value.length} bytes, not ${cells} cells`);
  return value.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** Reads the pairs of address and size of a `reg`; the parent node has the numbers of cells (cells.ts). */
export function readReg(value: Uint8Array, addressCells: number, sizeCells: number): FdtRange[] {
  checkCells(addressCells);
  checkCells(sizeCells);
  const entry = 4 * (addressCells + sizeCells);
  if (entry === 0 || value.length % entry !== 0) {
    refuse(
      'dtb-value',
      'EINVAL',
      `a reg of ${value.length} bytes, with entries of ${addressCells} address cells and ${sizeCells} size cells`,
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

/** Reads a value that is exactly one text. */
export function readString(value: Uint8Array): string {
  const [text, ...more] = readStrings(value);
  if (text === undefined || more.length > 0)
    refuse('dtb-value', 'EINVAL', `a value of ${value.length} bytes is not one text and its NUL`);
  return text;
}

/** Reads the text up to the first NUL, as C compares it, without a check of what follows. A byte is a character. */
export function readFirstText(value: Uint8Array): string {
  const end = value.indexOf(0);
  return decodeLatin1(value, 0, end < 0 ? value.length : end);
}

/** Reads a list of texts; an empty value has none. */
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
    refuse('dtb-value', 'EINVAL', `a number of ${cells} cells; kexec-file supports 0 to 2`);
}
