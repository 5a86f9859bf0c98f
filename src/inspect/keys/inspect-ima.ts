import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { formatKeyId, parseImaXattr } from '../../formats/ima-xattr.js';
import { parseModuleSignature } from '../../formats/module-signature.js';
import type { Hashes } from '../../trust/hashes.js';
import type { Facts } from '../facts.js';
import { inspectPkcs7 } from './inspect-pkcs7.js';

/** The bytes that a value of `security.ima` with a signature begins with: its type and its version. */
const SIGNATURE_START = [3, 2];
/** A digest of this type is a byte for its kind, and the digest: 16 to 64 bytes. */
const DIGEST_TYPE = 4;
const MAX_DIGEST_VALUE = 66;

/** Whether a file is a value of `security.ima`, as `getfattr --only-values` writes it. */
export function isImaXattr(file: Uint8Array): boolean {
  if (SIGNATURE_START.every((byte, at) => file[at] === byte))
    return file.length > 9 && (file[7] ?? 0) * 256 + (file[8] ?? 0) === file.length - 9;
  const isDigest = file[0] === DIGEST_TYPE && file.length <= MAX_DIGEST_VALUE;
  return isDigest && !(attempt(() => parseImaXattr(file)) instanceof KexecError);
}

/** Inspects a value of `security.ima`. @throws KexecError, as its parser. */
export function inspectImaXattr(file: Uint8Array): Facts {
  const value = parseImaXattr(file);
  switch (value.kind) {
    case 'signature':
      return { signs: 'the bytes of a file', digest: value.hash, keyId: formatKeyId(value.keyId) };
    case 'digest':
      return { signs: 'nothing: a digest that IMA wrote', digest: `${value.hash} ${toHex(value.digest)}` };
    default:
      return { signs: value.name };
  }
}

/** Describes the signature that is appended to a file. @returns undefined if there is none */
export function inspectAppendedSignature(file: Uint8Array, hashes: Hashes): Facts | undefined {
  const parsed = attempt(() => {
    const found = parseModuleSignature(file);
    return found && { signedBytes: found.content.length, ...inspectPkcs7(found.signature, hashes) };
  });
  return parsed instanceof KexecError ? { refused: parsed.seen } : parsed;
}
