import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { decompressLzo1x } from '../compression/lzo.js';
import { decompressSnappy } from '../compression/snappy.js';
import { COMPRESSION_FLAGS } from './format.js';
import { type KdumpHeader, type PageDescriptor, readPageDescriptor } from './header.js';

/** Decompresses a page and returns at most `size` bytes. Whatever it throws is treated as damaged data. */
export type DecompressPage = (compressed: Uint8Array, size: number) => Uint8Array;

/** The codecs that the host provides. */
export interface Codecs {
  readonly zlib: DecompressPage;
  readonly zstd: DecompressPage;
}

/** The compressions of pages, by the flag of their descriptors. */
const COMPRESSIONS: readonly {
  readonly flag: number;
  readonly name: string;
  readonly choose: (codecs: Codecs) => DecompressPage;
}[] = [
  { flag: COMPRESSION_FLAGS.zlib, name: 'zlib', choose: ({ zlib }) => zlib },
  { flag: COMPRESSION_FLAGS.lzo, name: 'lzo', choose: () => decompressLzo1x },
  { flag: COMPRESSION_FLAGS.snappy, name: 'snappy', choose: () => decompressSnappy },
  { flag: COMPRESSION_FLAGS.zstd, name: 'zstd', choose: ({ zstd }) => zstd },
];

/**
 * Reads and decompresses a page.
 *
 * @param index - the number of pages in the file before it
 * @returns `blockSize` bytes
 * @throws KexecError `EINVAL`, check `kdump-header` or `kdump-page`, if the page leaves the file or has another size.
 */
export function readPage(
  source: ByteSource,
  header: Pick<KdumpHeader, 'descriptors' | 'blockSize'>,
  index: bigint,
  codecs: Codecs,
): Uint8Array {
  const descriptor = readPageDescriptor(source, header, index);
  const { blockSize } = header;
  // makedumpfile stores a page uncompressed if compression does not make it smaller.
  const limit: ReadLimit = {
    what: 'compressed dump',
    check: 'kdump-page',
    errno: 'EINVAL',
    limit: 2 * blockSize,
  };
  const stored = readRange(source, descriptor.offset, BigInt(descriptor.size), 'a page', limit);
  const page = decompress(stored, descriptor, blockSize, codecs);
  if (page.length !== blockSize)
    refuse('kdump-page', 'EINVAL', `a page of ${formatBytes(page.length)}, not ${formatBytes(blockSize)}`, {
      offset: descriptor.offset,
    });
  return page;
}

function decompress(
  stored: Uint8Array,
  { flags, offset }: PageDescriptor,
  size: number,
  codecs: Codecs,
): Uint8Array {
  const compression = COMPRESSIONS.find(({ flag }) => (flags & flag) !== 0);
  if (compression === undefined) return stored;
  try {
    return compression.choose(codecs)(stored, size);
  } catch (cause) {
    refuse('kdump-page', 'EINVAL', `a page cannot be decompressed by ${compression.name} to one page`, {
      offset,
      cause,
    });
  }
}
