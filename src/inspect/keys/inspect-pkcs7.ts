import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { parsePkcs7Bundle } from '../../formats/pkcs7-certificates.js';
import type { Hashes } from '../../trust/hashes.js';
import { parseIndirectData } from '../../trust/pe/mscode.js';
import type { Pkcs7Message } from '../../trust/pkcs7/message.js';
import { parsePkcs7 } from '../../trust/pkcs7/parse-message.js';
import { listMessageSigners } from '../../trust/sign/list.js';
import { formatSeconds } from '../../trust/x509/der-time.js';
import { readName } from '../../trust/x509/name-reader.js';
import { SignatureChecks } from '../../trust/x509/signature-work.js';
import type { Facts } from '../facts.js';
import { describeCertificates } from './describe-certificate.js';

/**
 * Inspects a PKCS#7 message in DER: what it signs, who signed, and the certificates in it. Nothing is verified.
 *
 * @throws KexecError check `ber`, if not even its certificates can be read.
 */
export function inspectPkcs7(
  der: Uint8Array,
  hashes: Hashes,
  checks: SignatureChecks = new SignatureChecks(hashes),
): Facts {
  const bundle = parsePkcs7Bundle(der);
  const certificates = describeCertificates(bundle.certificates, hashes, checks);
  if (!bundle.hasSigners) return { signs: 'nothing: it has certificates alone', certificates };
  const message = attempt(() => parsePkcs7(der, hashes, checks));
  if (message instanceof KexecError)
    return {
      signs: 'nothing that the kernel reads',
      refused: `${message.errno} (${message.check}): ${message.seen}`,
      certificates,
    };
  return { ...describeContent(message), signers: describeSigners(message), certificates };
}

/** Describes the signed content; a signature for a PE file names the file's digest. */
function describeContent({ contentType, content }: Pkcs7Message): Facts {
  if (content === undefined) return { signs: 'the bytes of another file: a detached signature' };
  if (contentType === 'data') return { signs: `${content.value.length} bytes that are in it` };
  const indirect = attempt(() => parseIndirectData(content.whole));
  if (indirect instanceof KexecError) return { signs: 'a PE file', refused: indirect.seen };
  return { signs: 'a PE file (Authenticode)', fileDigest: `${indirect.hash} ${toHex(indirect.digest)}` };
}

function describeSigners(message: Pkcs7Message): Facts[] {
  return listMessageSigners(message).map(({ hash, algorithm, signingTime, certificate }, index) => {
    const { messageDigest: digest, issuer } = message.signers[index] ?? {};
    return {
      ...(certificate === undefined
        ? {
            subject: 'unknown: its certificate is not in the message',
            ...(issuer === undefined ? {} : { issuer: readName(issuer) }),
          }
        : { subject: certificate.subject, issuer: certificate.issuer, serial: toHex(certificate.serial) }),
      digest: hash,
      algorithm,
      ...(signingTime === undefined ? {} : { signed: formatSeconds(signingTime) }),
      ...(digest === undefined ? {} : { messageDigest: toHex(digest) }),
    };
  });
}
