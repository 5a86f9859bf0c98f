import { hex } from '../base/u64.js';
import { parseCpio } from '../formats/cpio.js';
import type { Facts } from './facts.js';

/** Inspects a cpio archive: its entries, and the offset at which compressed data begins. */
export function inspectCpio(bytes: Uint8Array): Facts {
  const { entries, rest } = parseCpio(bytes);
  return {
    count: entries.length,
    ...(rest === undefined ? {} : { compressedFrom: hex(rest.offset), compression: rest.kind }),
    entries: entries.map((entry) => ({
      mode: entry.mode.toString(8).padStart(6, '0'),
      size: entry.bytes.length,
      name: entry.name,
    })),
  };
}
