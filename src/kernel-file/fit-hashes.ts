import { toHex } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { crc32 } from '../formats/compression/checksums.js';
import type { FitImage } from '../formats/fit.js';
import { computeDigest, type Hashes, type HashName } from '../trust/hashes.js';

/** The digests that U-Boot has and we have, too. */
const DIGESTS: readonly HashName[] = ['sha1', 'sha256', 'sha384', 'sha512'];

/**
 * Verifies every hash of an image of a FIT.
 *
 * @returns what came of it, in words
 * @throws KexecError `EBADMSG`, check `fit`, for a hash that does not hold
 */
export function verifyFitHashes(image: FitImage, hashes: Hashes): string {
  if (image.hashes.length === 0) return `${image.name} has no hash`;
  const said = image.hashes.map(({ algorithm, value }) => {
    const computed = hashOf(image.data, algorithm, hashes);
    if (computed === undefined) return `its ${algorithm} cannot be verified`;
    if (toHex(computed) !== toHex(value)) {
      refuse(
        'fit',
        'EBADMSG',
        `FIT: the ${algorithm} of image ${image.name} is ${toHex(computed)}, and has to be ${toHex(value)}`,
      );
    }
    return `its ${algorithm} holds`;
  });
  return `${image.name}: ${said.join(', ')}`;
}

function hashOf(data: Uint8Array, algorithm: string, hashes: Hashes): Uint8Array | undefined {
  if (algorithm === 'crc32') {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, crc32(data));
    return bytes;
  }
  const name = DIGESTS.find((one) => one === algorithm);
  return name === undefined ? undefined : computeDigest(hashes, name, data);
}
