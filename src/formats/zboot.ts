import { BoundedBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { hasMagic } from './magics.js';

const PAYLOAD_OFFSET = 8;
const PAYLOAD_SIZE = 12;
const COMPRESSION_NAME = 24;
/** The name ends in NUL before the magic of a Linux PE file and the offset of the PE header. */
const COMPRESSION_NAME_END = 56;
const HEADER_SIZE = 64;

/** A compressed Image that decompresses itself under UEFI: kernel file drivers/firmware/efi/libstub/zboot-header.S. */
export interface Zboot {
  /**
   * The compression, as the kernel's build names it: `gzip`, `zstd`; before 6.12 also `lz4`, `lzma`, `lzo`, `xzkern`,
   * `zstd22`.
   */
  readonly compression: string;
  /** The compressed Image, shared with the file. */
  readonly payload: Uint8Array;
  /** In bytes from the start of the file. */
  readonly payloadOffset: number;
}

/** Whether a file is a zboot image, by its magic numbers alone. */
export function isZboot(bytes: Uint8Array): boolean {
  return hasMagic(bytes, 'mz') && hasMagic(bytes, 'zboot');
}

/**
 * Parses the header of a zboot image. The PE file around it is not checked.
 *
 * @throws KexecError `ENOEXEC`, check `zboot`.
 */
export function parseZboot(file: Uint8Array): Zboot {
  const bytes = new BoundedBytes(file, { what: 'zboot', check: 'zboot', errno: 'ENOEXEC' });
  bytes.slice(0, HEADER_SIZE, 'the header');
  if (!isZboot(file)) bytes.fail('no "MZ" and "zimg"', 0);
  const payloadOffset = bytes.u32le(PAYLOAD_OFFSET);
  const size = bytes.u32le(PAYLOAD_SIZE);
  if (payloadOffset < HEADER_SIZE) {
    bytes.fail(`the payload begins at ${hex(payloadOffset)}, within the header`, PAYLOAD_OFFSET);
  }
  return {
    compression: bytes.cString(COMPRESSION_NAME, COMPRESSION_NAME_END, 'the name of the compression'),
    payload: bytes.slice(payloadOffset, size, 'the payload'),
    payloadOffset,
  };
}

/** The size of the Image, behind the payload: the decompressor allocates as much memory. In bytes. */
const SIZE_FIELD = 4;

/**
 * Replaces the payload of a zboot image. The new one goes where the old one was, because the decompressor knows where
 * that begins and ends, and because code follows it. A shorter payload is filled up with zeros.
 *
 * @param payload - compressed by the same method
 * @param size - of the decompressed Image, in bytes
 * @throws KexecError as {@link parseZboot}; `EINVAL`, check `sign-inner`: there is no room for it.
 */
export function replacePayload(file: Uint8Array, payload: Uint8Array, size: number): Uint8Array {
  const { compression, payload: old, payloadOffset } = parseZboot(file);
  // With gzip, the size is the payload's own last word (Makefile.zboot).
  const end = payloadOffset + old.length + (compression === 'gzip' ? 0 : SIZE_FIELD);
  const room = end - SIZE_FIELD - payloadOffset;
  if (payload.length > room || end > file.length) {
    refuse(
      'sign-inner',
      'EINVAL',
      `zboot: compressed by ${compression}, the signed Image takes ${payload.length} bytes (${hex(payload.length)}), and ` +
        `there is room for ${room} (${hex(room)}); sign the Image before the zboot image is built`,
    );
  }
  const result = Uint8Array.from(file);
  result.fill(0, payloadOffset, end - SIZE_FIELD).set(payload, payloadOffset);
  const view = new DataView(result.buffer);
  view.setUint32(PAYLOAD_SIZE, payload.length, true);
  // The old size may be larger than the Image: it includes memory that is zero and not in the file.
  view.setUint32(end - SIZE_FIELD, Math.max(size, view.getUint32(end - SIZE_FIELD, true)), true);
  return result;
}
