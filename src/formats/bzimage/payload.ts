import { BoundedBytes } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { type Compression, detectCompression } from '../compression/compression-names.js';
import { describeFile } from '../foreign/name-file.js';
import { hasMagic } from '../magics.js';
import { measureSetup, parseBzimageHeader } from './header.js';

/** The size of the kernel, behind what is compressed. gzip has it in its own last word. In bytes. */
const SIZE_FIELD = 4;

/** The kernel proper inside a bzImage: an ELF file, compressed or not. */
export interface BzimagePayload {
  /** Undefined if the payload is the ELF file itself. */
  readonly compression: Compression | undefined;
  /** Without the size behind it; shared with the file. */
  readonly bytes: Uint8Array;
  /** In bytes from the start of the file. */
  readonly offset: number;
}

/**
 * Finds the payload of a bzImage: boot.rst, `payload_offset` and `payload_length`.
 *
 * @throws KexecError `ENOEXEC`, check `bzimage-payload`: the header names none, it leaves the file, or its compression is unknown;
 *   or as {@link parseBzimageHeader}.
 */
export function findPayload(file: Uint8Array): BzimagePayload {
  const header = parseBzimageHeader(file);
  const bounded = new BoundedBytes(file, { what: 'bzImage', check: 'bzimage-payload', errno: 'ENOEXEC' });
  const { payloadOffset, payloadLength } = header;
  if (payloadOffset === undefined || payloadLength === undefined || payloadLength === 0)
    return bounded.fail('the header names no payload', 0x248);
  const offset = measureSetup(header) + payloadOffset;
  const payload = bounded.slice(offset, payloadLength, 'the payload');
  if (hasMagic(payload, 'elf')) return { compression: undefined, bytes: payload, offset };
  const compression = detectCompression(payload);
  if (compression === undefined)
    bounded.fail(
      `the payload at ${hex(offset)} ${describeFile(payload)}: its compression is unknown`,
      offset,
    );
  const size = compression === 'gzip' ? 0 : SIZE_FIELD;
  return { compression, bytes: payload.subarray(0, Math.max(0, payload.length - size)), offset };
}
