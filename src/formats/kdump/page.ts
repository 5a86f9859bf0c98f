import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import { type KdumpHeader, type PageDescriptor, readPageDescriptor } from './header.js';

/**
 * Unpacks what a page was packed to. It gives at most `size` bytes; what it throws is taken for damage.
 */
export type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/** How pages are unpacked, as far as the place where this runs can do it. */
export interface Codecs {
  readonly zlib: Unpack;
  readonly zstd: Unpack;
}

/** By the bits of a page descriptor's flags, `DUMP_DH_COMPRESSED_…`. */
const COMPRESSIONS: readonly {
  readonly flag: number;
  readonly name: string;
  readonly codec?: keyof Codecs;
}[] = [
  { flag: 0x01, name: 'zlib', codec: 'zlib' },
  { flag: 0x02, name: 'lzo' },
  { flag: 0x04, name: 'snappy' },
  { flag: 0x20, name: 'zstd', codec: 'zstd' },
];

/**
 * Reads the page that comes after `index` others.
 *
 * @throws KexecError: `EINVAL`, `kdump-header` or `kdump-page`, if it leaves the file or does not unpack to one page;
 *   `EOPNOTSUPP`, `kdump-page`, if it was packed by lzo or snappy.
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
  if (page.length !== blockSize) refuse(`a page of ${hex(page.length)} bytes`, descriptor.offset);
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
  const { name, codec } = compression;
  if (codec === undefined) {
    const seen = `a page is compressed by ${name}, which is not read here; makedumpfile turns it into what is: makedumpfile -c -d 0 DUMP NEW`;
    throw new KexecError({ check: 'kdump-page', errno: 'EOPNOTSUPP', seen, offset });
  }
  try {
    return codecs[codec](stored, size);
  } catch (cause) {
    const seen = `a page is no ${name} of one page`;
    throw new KexecError({ check: 'kdump-page', errno: 'EINVAL', seen, offset, cause });
  }
}

function refuse(seen: string, offset: bigint): never {
  throw new KexecError({ check: 'kdump-page', errno: 'EINVAL', seen, offset });
}
