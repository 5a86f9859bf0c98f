import type { LogRecord } from './log-record.js';

const NANOSECONDS = 1_000_000_000n;

/**
 * A record as kexec-tools' vmcore-dmesg writes it, a line feed at its end: seconds in five columns and microseconds,
 * then the text, in which what is neither printable ASCII nor white space stands as `\x` and two digits. Further lines of
 * a text are not indented, and the time counts as a signed number.
 */
export function formatDmesgLine({ time, text }: LogRecord): Uint8Array {
  const signed = BigInt.asIntN(64, time);
  const seconds = BigInt.asUintN(64, signed / NANOSECONDS);
  const micros = BigInt.asUintN(64, (signed % NANOSECONDS) / 1000n);
  const stamp = `[${seconds.toString().padStart(5)}.${micros.toString().padStart(6, '0')}] `;
  return new TextEncoder().encode(`${stamp}${escapeText(text)}\n`);
}

/** Bytes as text of ASCII alone. */
export function escapeText(text: Uint8Array): string {
  let line = '';
  for (const byte of text) {
    const isPlain = (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
    line += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return line;
}
