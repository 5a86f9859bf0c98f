import { BoundedBytes, equalBytes } from '../base/bytes.js';
import { refuse } from '../base/error.js';

/** A file with an appended signature, as kernel modules have it. */
export interface ModuleSignature {
  /** The signed bytes: the file up to the signature. Shared with the file. */
  readonly content: Uint8Array;
  /** A detached PKCS#7 message. Shared with the file. */
  readonly signature: Uint8Array;
}

const MARKER = new TextEncoder().encode('~Module signature appended~\n');

/** `struct module_signature`: five bytes, three of padding, the signature's length. */
const INFO_SIZE = 12;
const ID_TYPE_OFFSET = 2;
const LENGTH_OFFSET = 8;
const PKEY_ID_PKCS7 = 2;

/** Whether a file ends with the marker of an appended signature, and has bytes before it. */
export function hasModuleSignature(file: Uint8Array): boolean {
  const start = file.length - MARKER.length;
  return start > INFO_SIZE && equalBytes(file.subarray(start), MARKER);
}

/**
 * Finds the signature that `scripts/sign-file` of the kernel appends (Documentation/admin-guide/module-signing.rst):
 * content, PKCS#7, 12 bytes with its length, and the marker. The signature is not verified.
 *
 * @param file - the whole file
 * @returns undefined if the file does not end with the marker
 * @throws KexecError `module-signature`, with the errno of `mod_check_sig()`: EBADMSG for a length that leaves no
 * content, or anything but 0 in an unused field; ENOPKG for another kind of signature than PKCS#7.
 */
export function parseModuleSignature(file: Uint8Array): ModuleSignature | undefined {
  if (!hasModuleSignature(file)) return undefined;
  const bytes = new BoundedBytes(file, {
    what: 'appended signature',
    check: 'module-signature',
    errno: 'EBADMSG',
  });
  const info = file.length - MARKER.length - INFO_SIZE;
  const length = bytes.u32be(info + LENGTH_OFFSET);
  if (length >= info)
    bytes.fail(
      `a signature of ${length} bytes, in a file with ${info} bytes before its end mark`,
      info + LENGTH_OFFSET,
    );

  const idType = bytes.u8(info + ID_TYPE_OFFSET);
  if (idType !== PKEY_ID_PKCS7)
    refuse('module-signature', 'ENOPKG', `appended signature: id_type is ${idType}, not PKCS#7`, {
      offset: info + ID_TYPE_OFFSET,
    });
  for (let offset = info; offset < info + LENGTH_OFFSET; offset += 1) {
    if (offset !== info + ID_TYPE_OFFSET && bytes.u8(offset) !== 0)
      bytes.fail('an unused field is not 0', offset);
  }
  return { content: file.subarray(0, info - length), signature: file.subarray(info - length, info) };
}

/**
 * Builds the bytes to append to a file: the PKCS#7 message, 12 bytes with its length, and the marker.
 *
 * @param signature - a detached PKCS#7 message over the file, without authenticated attributes
 */
export function buildModuleSignature(signature: Uint8Array): Uint8Array {
  const appended = new Uint8Array(signature.length + INFO_SIZE + MARKER.length);
  appended.set(signature);
  appended[signature.length + ID_TYPE_OFFSET] = PKEY_ID_PKCS7;
  new DataView(appended.buffer).setUint32(signature.length + LENGTH_OFFSET, signature.length, false);
  appended.set(MARKER, signature.length + INFO_SIZE);
  return appended;
}
