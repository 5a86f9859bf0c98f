import { BoundedBytes } from '../../base/bytes.js';
import { formatBytes } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { hasMagic } from '../magics.js';

/** The fields of the header: Devicetree Specification v0.4, section 5.2. Offsets and sizes are in bytes. */
export interface FdtHeader {
  /** totalsize: the whole blob, free space included. The kernel reserves this much memory for its own tree. */
  readonly totalSize: number;
  readonly structureOffset: number;
  /** size_dt_struct; undefined in version 16. */
  readonly structureSize: number | undefined;
  readonly stringsOffset: number;
  readonly stringsSize: number;
  readonly reservationsOffset: number;
  readonly version: number;
  readonly lastCompatibleVersion: number;
  readonly bootCpu: number;
}

/** The size of a version 17 header, in bytes. */
export const FDT_HEADER_SIZE = 40;
/** The version that writeFdt() writes. */
export const FDT_VERSION = 17;
/**
 * The header of version 16 ends before size_dt_struct. Older versions have another structure block; arm64 never had
 * one.
 */
const V16 = 16;
const V16_HEADER_SIZE = 36;

/**
 * Parses the header of a device tree and checks that its blocks are aligned and lie after the header, within the blob,
 * which lies within `bytes`. Bytes after the blob are ignored. The model is libfdt's `fdt_check_header()`; the
 * specification adds the alignment.
 *
 * @throws KexecError `EINVAL`, check `dtb-header`.
 */
export function parseFdtHeader(bytes: Uint8Array): FdtHeader {
  const file = new BoundedBytes(bytes, { what: 'device tree', check: 'dtb-header', errno: 'EINVAL' });
  const magic = file.u32be(0);
  if (!hasMagic(bytes, 'fdt')) file.fail(`the magic is ${hex(magic)}`, 0);

  const version = file.u32be(20);
  const lastCompatibleVersion = file.u32be(24);
  if (version < V16) file.fail(`the version is ${version}`, 20);
  if (lastCompatibleVersion > FDT_VERSION || lastCompatibleVersion > version) {
    file.fail(
      `version ${version} is compatible only with readers of version ${lastCompatibleVersion} and later`,
      24,
    );
  }

  const headerSize = version === V16 ? V16_HEADER_SIZE : FDT_HEADER_SIZE;
  const totalSize = file.u32be(4);
  if (totalSize < headerSize || totalSize > file.length) {
    file.fail(`totalsize is ${formatBytes(totalSize)}, and the file has ${formatBytes(file.length)}`, 4);
  }

  const header = {
    totalSize,
    structureOffset: file.u32be(8),
    structureSize: version === V16 ? undefined : file.u32be(36),
    stringsOffset: file.u32be(12),
    stringsSize: file.u32be(32),
    reservationsOffset: file.u32be(16),
    version,
    lastCompatibleVersion,
    bootCpu: file.u32be(28),
  };
  const blocks = [
    { name: 'reservation', offset: header.reservationsOffset, size: 0, alignment: 8, field: 16 },
    {
      name: 'structure',
      offset: header.structureOffset,
      size: header.structureSize ?? 0,
      alignment: 4,
      field: 8,
    },
    { name: 'strings', offset: header.stringsOffset, size: header.stringsSize, alignment: 1, field: 12 },
  ];
  for (const { name, offset, size, alignment, field } of blocks) {
    if (offset < headerSize || offset + size > totalSize) {
      file.fail(
        `the ${name} block has ${formatBytes(size)} at ${hex(offset)} of a blob of ${formatBytes(totalSize)}`,
        field,
      );
    }
    if (offset % alignment !== 0) {
      file.fail(`the ${name} block is at ${hex(offset)}, which is no multiple of ${alignment}`, field);
    }
  }
  return header;
}
