import {
  type Encrypted,
  type Pkcs12Mac,
  parseEncryptedKey,
  parsePkcs12,
  parseSafeContents,
  type SafeBag,
} from '../../formats/pkcs12.js';
import type { Hashes } from '../../trust/hashes.js';
import { SignatureChecks } from '../../trust/x509/signature-work.js';
import type { Facts } from '../facts.js';
import { nameAlgorithm, nameOid } from './algorithm-names.js';
import { describeCertificates } from './describe-certificate.js';
import { describePrivateKey, PRIVATE_KEY_REMARK } from './inspect-private-key.js';

/**
 * Inspects a PKCS#12 file without its passphrase: how it is encrypted and protected, and what is readable without it.
 *
 * @throws KexecError check `ber`, or `sign-key` for a file that a key protects.
 */
export function inspectPkcs12(file: Uint8Array, hashes: Hashes): Facts {
  const { mac, safes } = parsePkcs12(file);
  const work = { hashes, checks: new SignatureChecks(hashes) };
  return {
    mac: mac === undefined ? 'none' : describeMac(mac),
    parts: safes.flatMap((safe) => describeSafe(safe, work)),
    remark: PRIVATE_KEY_REMARK,
  };
}

function describeMac({ hash, iterations }: Pkcs12Mac): string {
  return `HMAC with ${nameOid(hash.oid)}, ${iterations} iterations`;
}

/** What all parts of a file share. */
interface Work {
  readonly hashes: Hashes;
  readonly checks: SignatureChecks;
}

function describeSafe(safe: Uint8Array | Encrypted, work: Work): Facts[] {
  if (safe instanceof Uint8Array) return parseSafeContents(safe).flatMap((bag) => describeBag(bag, work));
  return [{ contents: 'certificates or keys, readable with the passphrase', ...describeEncryption(safe) }];
}

function describeEncryption({ algorithm: { oid, parameters }, bytes }: Encrypted): Facts {
  const name = nameOid(oid);
  const used = name === 'PBES2' && parameters.length > 0 ? `: ${nameAlgorithm(parameters)}` : '';
  return { encryption: `${name}${used}`, bytes: bytes.length };
}

function describeBag({ kind, bytes, name }: SafeBag, { hashes, checks }: Work): Facts[] {
  const named = name === undefined ? {} : { name };
  if (kind === 'certificate')
    return describeCertificates([bytes], hashes, checks).map((facts) => ({
      contents: 'a certificate',
      ...named,
      ...facts,
    }));
  if (kind === 'key') return [{ contents: 'a private key', ...named, ...describePrivateKey(bytes) }];
  return [{ contents: 'a private key', ...named, ...describeEncryption(parseEncryptedKey(bytes)) }];
}
