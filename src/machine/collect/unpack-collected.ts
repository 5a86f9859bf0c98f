import { KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { decompressGzip } from '../../formats/compression/gzip.js';
import { hasMagic } from '../../formats/magics.js';
import { MAX_FILE_BYTES } from './sources.js';

/**
 * Decompresses gzip (RFC 1952). Damaged data is an error of any kind.
 *
 * @param limit - the most bytes that it may unpack to
 * @returns undefined if it unpacks to more
 */
export type Gunzip = (bytes: Uint8Array, limit: number) => Uint8Array | undefined;

/** Decompresses in browsers, too: by our own decoder. */
export const portableGunzip: Gunzip = (bytes, limit) => {
  try {
    return decompressGzip(bytes, { limit, atLimit: 'refuse' });
  } catch (error) {
    if (error instanceof KexecError && error.check === 'unwrapped-size') return undefined;
    throw error;
  }
};

/**
 * Decompresses a file if it has the magic of gzip: /proc/config.gz and compressed tars.
 *
 * @param name - in refusals
 * @throws KexecError check `machine-archive`: `EINVAL` if it is damaged, `EFBIG` beyond the limit
 */
export function unpackCollected(
  name: string,
  bytes: Uint8Array,
  gunzip: Gunzip,
  limit: number = MAX_FILE_BYTES,
): Uint8Array {
  if (!hasMagic(bytes, 'gzip')) return bytes;
  return tryGunzip(name, () => gunzip(bytes, limit)) ?? refuseLargerFile(name, limit);
}

function tryGunzip<Result>(name: string, unpack: () => Result): Result {
  try {
    return unpack();
  } catch (cause) {
    const seen = cause instanceof KexecError ? cause.seen : (cause as Error).message;
    refuse('machine-archive', 'EINVAL', `${name} cannot be unpacked: ${seen}`, { cause });
  }
}

/** Refuses a file of more bytes than the limit. @throws KexecError `EFBIG`, check `machine-archive`. */
export function refuseLargerFile(path: string, limit: number): never {
  refuse('machine-archive', 'EFBIG', `${path} has more than ${formatBytes(limit)}`, {
    cure: 'give a machine file, or what the collector collected: both have some hundred KiB',
  });
}
