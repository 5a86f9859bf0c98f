import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { decompressLzo1x } from '../compression/lzo.js';
import { decompressSnappy } from '../compression/snappy.js';
import { type KdumpHeader, type PageDescriptor, readPageDescriptor } from './header.js';

/**
 * Unpacks what a page was packed to. It gives at most `size` bytes; what it throws is taken for damage.
 */
export type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/** How pages are unpacked whose compression the place where this runs has a codec of. */
export interface Codecs {
  readonly zlib: Unpack;
  readonly zstd: Unpack;
}

/** By the bits of a page descriptor's flags, `DUMP_DH_COMPRESSED_…`. */
const COMPRESSIONS: readonly {
  readonly flag: number;
  readonly name: string;
  readonly unpack: (codecs: Codecs) => Unpack;
}[] = [
  { flag: 0x01, name: 'zlib', unpack: ({ zlib }) => zlib },
  { flag: 0x02, name: 'lzo', unpack: () => decompressLzo1x },
  { flag: 0x04, name: 'snappy', unpack: () => decompressSnappy },
  { flag: 0x20, name: 'zstd', unpack: ({ zstd }) => zstd },
];

/**
 * Reads the page that comes after `index` others.
 *
 * @throws KexecError `EINVAL`, check `kdump-header` or `kdump-page`, if it leaves the file or does not unpack to one page.
 */
export function readPage(source: ByteSource, header: KdumpHeader, index: bigint, codecs: Codecs): Uint8Array {
  const descriptor = readPageDescriptor(source, header, index);
  const { blockSize } = header;
  // Packing what does not get smaller makes it larger; makedumpfile stores it as it is then.
  const limit: ReadLimit = {
    what: 'compressed dump',
    check: 'kdump-page',
    errno: 'EINVAL',
    limit: 2 * blockSize,
  };
  const stored = readRange(source, descriptor.offset, BigInt(descriptor.size), 'a page', limit);
  const page = unpack(stored, descriptor, blockSize, codecs);
  if (page.length !== blockSize)
    refuse('kdump-page', 'EINVAL', `a page of ${hex(page.length)} bytes`, { offset: descriptor.offset });
  return page;
}

function unpack(
  stored: Uint8Array,
  { flags, offset }: PageDescriptor,
  size: number,
  codecs: Codecs,
): Uint8Array {
  const compression = COMPRESSIONS.find(({ flag }) => (flags & flag) !== 0);
  if (compression === undefined) return stored;
  try {
    return compression.unpack(codecs)(stored, size);
  } catch (cause) {
    refuse('kdump-page', 'EINVAL', `a page is no ${compression.name} of one page`, { offset, cause });
  }
}
