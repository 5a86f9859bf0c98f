import { equalBytes, toHex } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { crc32 } from '../formats/compression/checksums.js';
import type { FitImage } from '../formats/fit.js';
import { computeDigest, type Hashes, type HashName } from '../trust/hashes.js';

/** The digests that both U-Boot and kexec-file have. */
const DIGESTS: readonly HashName[] = ['sha1', 'sha256', 'sha384', 'sha512'];

/** The most hashes of an image: each takes as long as the image is large. Images have one or two. */
const MAX_HASHES = 8;

/**
 * Verifies every hash of an image of a FIT.
 *
 * @returns a description of the result
 * @throws KexecError `EBADMSG`, check `fit`, for a hash that does not match; `ENOEXEC` for too many
 */
export function verifyFitHashes(image: FitImage, hashes: Hashes): string {
  const { length } = image.hashes;
  if (length === 0) return `${image.name} has no hash`;
  if (length > MAX_HASHES)
    refuse(
      'fit',
      'ENOEXEC',
      `FIT: image ${image.name} has ${length} hashes, and ${MAX_HASHES} are supported`,
    );
  const results = image.hashes.map(({ algorithm, value }) => {
    const computed = computeHash(image.data, algorithm, hashes);
    if (computed === undefined) return `its ${algorithm} cannot be verified`;
    if (!equalBytes(computed, value)) {
      refuse(
        'fit',
        'EBADMSG',
        `FIT: the ${algorithm} of image ${image.name} is ${toHex(computed)}, and must be ${toHex(value)}`,
      );
    }
    return `its ${algorithm} matches`;
  });
  return `${image.name}: ${results.join(', ')}`;
}

function computeHash(data: Uint8Array, algorithm: string, hashes: Hashes): Uint8Array | undefined {
  if (algorithm === 'crc32') {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, crc32(data));
    return bytes;
  }
  const name = DIGESTS.find((digest) => digest === algorithm);
  return name === undefined ? undefined : computeDigest(hashes, name, data);
}
