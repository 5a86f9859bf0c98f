import { BoundedBytes, latin1 } from '../base/bytes.js';
import { hex } from '../base/u64.js';

/** "zimg" at offset 4, as a little-endian number. */
const ZIMG_MAGIC = 0x676d697a;
const MZ_MAGIC = 0x5a4d;

const PAYLOAD_OFFSET = 8;
const PAYLOAD_SIZE = 12;
const COMPRESSION_NAME = 24;
/** The name ends in NUL before the magic of a Linux PE file and the offset of the PE header. */
const COMPRESSION_NAME_END = 56;
const HEADER_SIZE = 64;

/** A compressed Image that decompresses itself under UEFI: kernel file drivers/firmware/efi/libstub/zboot-header.S. */
export interface Zboot {
  /** How the kernel's build names the compression: `gzip`, `zstd`; before 6.12 also `lz4`, `lzma`, `lzo`, `xzkern`, `zstd22`. */
  readonly compression: string;
  /** The compressed Image, shared with the file. */
  readonly payload: Uint8Array;
  /** Where it is in the file, in bytes. */
  readonly payloadOffset: number;
}

/** Whether a file claims to be a zboot image, by its magic numbers. */
export function isZboot(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 8 && latin1(bytes.subarray(0, 2)) === 'MZ' && latin1(bytes.subarray(4, 8)) === 'zimg'
  );
}

/**
 * Reads the header of a zboot image. The PE file around it is not looked at.
 *
 * @throws KexecError `ENOEXEC`, check `zboot`.
 */
export function parseZboot(file: Uint8Array): Zboot {
  const bytes = new BoundedBytes(file, { what: 'zboot', check: 'zboot', errno: 'ENOEXEC' });
  bytes.slice(0, HEADER_SIZE, 'the header');
  if (bytes.u16le(0) !== MZ_MAGIC || bytes.u32le(4) !== ZIMG_MAGIC) bytes.fail('no "MZ" and "zimg"', 0);
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
