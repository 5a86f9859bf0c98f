import { refuse } from '../../base/error.js';
import type { OtherImaXattr } from '../../formats/ima-xattr.js';

/** A version 1 signature: its header (`struct signature_hdr`) and at least the two bytes of a number's length. */
const MIN_OLD_SIGNATURE_BYTES = 18;
const OLD_ALGORITHM_OFFSET = 6;
const OLD_RSA = 0;

/**
 * Refuses an attribute of a type or version that is no signature over a file's digest, as `xattr_verify()` and
 * `integrity_digsig_verify()` do.
 *
 * @throws KexecError `ima-signature`: `EINVAL`, `EOPNOTSUPP`, `ENOTSUPP`, `EAGAIN`
 */
export function refuseOtherXattr({ name, type, version }: OtherImaXattr, xattr: Uint8Array): never {
  if (type !== 3 || version === undefined || version >= 3)
    refuse('ima-signature', 'EINVAL', `security.ima is ${name}`);
  if (version !== 1) refuse('ima-signature', 'EOPNOTSUPP', `security.ima is ${name}`);
  // Version 1: an RSA key by itself, of 64 bits of name, which no certificate gives (`digsig_verify()`).
  if (xattr.length - 1 < MIN_OLD_SIGNATURE_BYTES)
    refuse('ima-signature', 'EINVAL', `security.ima is ${name}, too short for one`);
  if (xattr[OLD_ALGORITHM_OFFSET] !== OLD_RSA)
    refuse('ima-signature', 'ENOTSUPP', `security.ima is ${name}, not by RSA`);
  return refuse('ima-signature', 'EAGAIN', `security.ima is ${name}, whose key cannot be in a certificate`);
}
