import { hash } from 'node:crypto';
import type { FleetCodec } from '../../machine/fleet/fleet-reader.js';

/** Texts out of bytes by Node's Buffer, and digests by its crypto: the fastest that Node has. */
export const nodeFleetCodec: FleetCodec = {
  latin1: (bytes, start, end) => toBuffer(bytes).toString('latin1', start, end),
  utf8: (bytes, start) => toBuffer(bytes).toString('utf8', start),
  sha256: (bytes) => hash('sha256', bytes),
};

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
