import { hex } from '../../base/u64.js';
import type { Pefile } from './pefile.js';

/** Bytes of a file, from `start` up to `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Further gaps are counted. */
const MAX_SPANS = 4;

/**
 * Describes the bytes of a signed PE file that no signature covers, beside its certificate table, CheckSum and the
 * table's data directory: between the headers and the first section, and between sections. The kernel and firmware
 * digest none of them.
 *
 * @param pefile - of a file whose digest was computed
 * @returns undefined if there are none
 */
export function describeUncovered(file: Uint8Array, pefile: Pefile): string | undefined {
  const gaps = findGaps(file.length, listCovered(file.length, pefile));
  if (gaps.length === 0) return undefined;
  const total = gaps.reduce((sum, { start, end }) => sum + end - start, 0);
  const shown = gaps.slice(0, MAX_SPANS).map(({ start, end }) => `${hex(start)}..${hex(end)}`);
  const more = gaps.length > MAX_SPANS ? ` and ${gaps.length - MAX_SPANS} more` : '';
  const zeros = gaps.every(({ start, end }) => isZero(file, start, end)) ? ', all zero,' : '';
  return `${total} bytes${zeros} are covered by no signature, as the kernel digests only headers, sections and what follows them: ${shown.join(', ')}${more}`;
}

function listCovered(length: number, pefile: Pefile): Span[] {
  const { headerSize, sections, certificatesSize, certificatesOffset } = pefile;
  const spans = sections.map(({ rawOffset, rawSize }) => ({ start: rawOffset, end: rawOffset + rawSize }));
  // The rest of the file begins where headers and sections would end without gaps.
  const digested = sections.reduce((sum, { rawSize }) => sum + rawSize, headerSize);
  return [
    { start: 0, end: headerSize },
    ...spans,
    { start: digested, end: length - certificatesSize },
    { start: certificatesOffset, end: certificatesOffset + certificatesSize },
  ].filter(({ start, end }) => start < end);
}

function findGaps(length: number, covered: readonly Span[]): Span[] {
  const gaps: Span[] = [];
  let at = 0;
  for (const { start, end } of [...covered].sort((a, b) => a.start - b.start)) {
    if (start > at) gaps.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  if (at < length) gaps.push({ start: at, end: length });
  return gaps;
}

function isZero(file: Uint8Array, start: number, end: number): boolean {
  return file.subarray(start, end).every((byte) => byte === 0);
}
