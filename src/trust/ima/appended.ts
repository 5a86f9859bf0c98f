import { KexecError, refuse } from '../../base/error.js';
import type { Trail } from '../../base/trail.js';
import { parseModuleSignature } from '../../formats/module-signature.js';
import { digestOf, type Hashes } from '../hashes.js';
import type { Blacklist } from '../keyrings/keyring.js';
import type { PeSignature } from '../pe/verify-pe.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import { refuseRevoked, validateTrust } from '../pkcs7/trust-chain.js';
import { verifyMessage } from '../pkcs7/verify-message.js';
import type { ImaKeyring } from './xattr.js';

/** Whose appended signature a file has. */
export interface AppendedVerdict extends Pick<PeSignature, 'signer' | 'hash' | 'digest'> {
  readonly keyring: ImaKeyring['name'];
}

/**
 * Verifies the signature that is appended to a file (`~Module signature appended~`), as IMA's appraisal of a kernel
 * does under a policy with `appraise_type=imasig|modsig`: a detached PKCS#7 message over all that stands before it,
 * without authenticated attributes, by a key in one of the keyrings, asked one after another. Kernel functions
 * `ima_read_modsig()`, `integrity_modsig_verify()`.
 *
 * For the system call every refusal is EACCES; the errno of the error is the one inside. A message that brings its own
 * content is refused; 6.12 verifies it over that, and so would take it for any file (`ima_collect_modsig()` drops the
 * error of `pkcs7_supply_detached_data()`).
 *
 * @throws KexecError `module-signature` as {@link parseModuleSignature}, and `ENODATA` if nothing is appended;
 *   otherwise as {@link parsePkcs7}, {@link verifyMessage} and {@link validateTrust}.
 */
export function verifyAppendedSignature(
  file: Uint8Array,
  keyrings: readonly ImaKeyring[],
  blacklist: Blacklist,
  hashes: Hashes,
  trail: Trail,
): AppendedVerdict {
  const appended = parseModuleSignature(file);
  if (appended === undefined) {
    refuse('module-signature', 'ENODATA', 'no signature is appended');
  }
  trail.ok('module-signature', `a PKCS#7 message of ${appended.signature.length} bytes is appended`);
  const message = parsePkcs7(appended.signature, hashes);
  if (message.content !== undefined) {
    refuse('pkcs7-content', 'EBADMSG', 'the signature is not detached');
  }
  if (message.contentType !== 'data' || message.signers.some(({ attributes }) => attributes !== undefined)) {
    refuse(
      'pkcs7-content',
      'EKEYREJECTED',
      'an appended signature is over data, without authenticated attributes',
    );
  }
  const failures: KexecError[] = [];
  for (const { name, certificates } of keyrings) {
    const verified = verifyMessage(message, appended.content, blacklist, hashes);
    try {
      refuseRevoked(verified, blacklist.certificates);
      const anchor = validateTrust(verified, certificates);
      const [signer] = verified.signers;
      const hash = signer?.signer.signature.hash ?? 'sha256';
      trail.ok(
        'trust',
        `the chain leads to ${anchor?.subjectText ?? 'a trusted certificate'} in the ${name} keyring`,
      );
      return {
        keyring: name,
        signer: signer?.link?.certificate.subjectText ?? anchor?.subjectText,
        hash,
        digest: digestOf(hashes, hash, appended.content) ?? new Uint8Array(0),
      };
    } catch (error) {
      if (!(error instanceof KexecError)) throw error;
      failures.push(error);
    }
  }
  throw failures.at(-1) ?? new KexecError('trust', 'ENOKEY', 'there is no keyring to ask');
}
