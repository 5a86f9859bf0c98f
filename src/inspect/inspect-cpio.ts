import { hex } from '../base/u64.js';
import { parseCpio } from '../formats/cpio.js';
import type { Facts } from './facts.js';

/** The most entries that are listed. Initrds of distributions have some thousands. */
const MAX_ENTRIES = 20_000;

/** Inspects a cpio archive: its entries, and the offset at which compressed data begins. */
export function inspectCpio(bytes: Uint8Array): Facts {
  const { entries, count, rest } = parseCpio(bytes, MAX_ENTRIES);
  return {
    count,
    ...(count > MAX_ENTRIES ? { listed: `the first ${MAX_ENTRIES} entries` } : {}),
    ...(rest === undefined ? {} : { compressedFrom: hex(rest.offset), compression: rest.kind }),
    entries: entries.map((entry) => ({
      mode: entry.mode.toString(8).padStart(6, '0'),
      size: entry.bytes.length,
      name: entry.name,
    })),
  };
}
