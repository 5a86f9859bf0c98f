import type { LogRecord } from './log-record.js';

const NANOSECONDS = 1_000_000_000n;

/**
 * Formats a record as vmcore-dmesg of kexec-tools does: seconds in at least five columns, microseconds, the text, and a
 * line feed. In the text, bytes that are neither printable ASCII nor a tab or line feed are `\x` and two digits, also
 * those of other white space. Further lines of a text are not indented, and the time is signed.
 */
export function formatDmesgLine({ time, text }: LogRecord): Uint8Array {
  const signed = BigInt.asIntN(64, time);
  const seconds = BigInt.asUintN(64, signed / NANOSECONDS);
  const micros = BigInt.asUintN(64, (signed % NANOSECONDS) / 1000n);
  const stamp = `[${seconds.toString().padStart(5)}.${micros.toString().padStart(6, '0')}] `;
  return new TextEncoder().encode(`${stamp}${escapeText(text)}\n`);
}

/** Returns bytes as text of printable ASCII, spaces, tabs and line feeds; a carriage return would overwrite a line. */
export function escapeText(text: Uint8Array): string {
  let line = '';
  for (const byte of text) {
    const isPlain = (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a;
    line += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return line;
}
