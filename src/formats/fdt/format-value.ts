import { hex } from '../../base/u64.js';
import { readStrings } from './values.js';

/** The kernel's command line has at most 2048 bytes, and no other property of /chosen has as many. */
const MAX_VALUE_BYTES = 4096;

/** Formats a property's value as dtc does: quoted texts, cells, or bytes; a long one by its length. */
export function formatValue(value: Uint8Array): string {
  if (value.length === 0) return 'present, without a value';
  if (value.length > MAX_VALUE_BYTES) return `${value.length} bytes`;
  const texts = readPrintableTexts(value);
  if (texts !== undefined) return texts.map((text) => `"${text}"`).join(', ');
  const unit = value.length % 4 === 0 ? 4 : 1;
  const numbers: string[] = [];
  for (let at = 0; at < value.length; at += unit) {
    const number = value.subarray(at, at + unit).reduce((sum, byte) => sum * 256 + byte, 0);
    numbers.push(unit === 4 ? hex(number) : number.toString(16).padStart(2, '0'));
  }
  return unit === 4 ? `<${numbers.join(' ')}>` : `[${numbers.join(' ')}]`;
}

/** The texts in a value; undefined unless all of them are printable, NUL-terminated and not empty. */
function readPrintableTexts(value: Uint8Array): string[] | undefined {
  const isText = value.every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f)) && value.at(-1) === 0;
  const texts = isText ? readStrings(value) : [];
  return texts.length > 0 && texts.every((text) => text !== '') ? texts : undefined;
}
