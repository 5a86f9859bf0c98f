import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './programs.js';

/** A key and its certificate, in files of a folder. */
export interface Signer {
  /** Private key and certificate in PEM. */
  readonly keyPath: string;
  readonly certificatePath: string;
  /** The certificate in DER. */
  readonly der: Uint8Array;
}

export interface SignerOptions {
  readonly key?: 'rsa' | 'ec';
  /** The issuer of the certificate; undefined if it is self-signed. */
  readonly issuer?: Signer;
  /** The certificate's extensions, in the syntax of openssl's configuration files. */
  readonly extensions?: readonly string[];
}

/** Makes a key and a certificate for `CN=<name>` by openssl, in `<name>.key` and `<name>.pem`. */
export function makeSigner(folder: string, name: string, options: SignerOptions = {}): Signer {
  const { key = 'ec', issuer, extensions = ['subjectKeyIdentifier=hash'] } = options;
  const [keyPath, certificatePath] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const { privateKey } =
    key === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(
    join(folder, `${name}.cnf`),
    ['[req]', 'distinguished_name=dn', '[dn]', '[ext]', ...extensions, ''].join('\n'),
  );
  const request = [
    'req',
    '-new',
    '-key',
    keyPath,
    '-subj',
    `/CN=${name}`,
    '-config',
    join(folder, `${name}.cnf`),
  ];
  const signed =
    issuer === undefined
      ? ['-signkey', keyPath]
      : ['-CA', issuer.certificatePath, '-CAkey', issuer.keyPath, '-CAcreateserial'];
  const csr = runProgram('openssl', request);
  const extended = ['-extfile', join(folder, `${name}.cnf`), '-extensions', 'ext'];
  const args = ['x509', '-req', '-sha256', '-days', '365', ...signed, ...extended, '-out', certificatePath];
  runProgram('openssl', args, { input: csr });
  return { keyPath, certificatePath, der: readDer(certificatePath) };
}

/** Converts a certificate from PEM to DER by openssl. */
export function readDer(certificatePath: string): Uint8Array {
  const der = `${certificatePath}.der`;
  runProgram('openssl', ['x509', '-in', certificatePath, '-outform', 'DER', '-out', der]);
  return new Uint8Array(readFileSync(der));
}

/**
 * Makes a detached PKCS#7 message over a file, without authenticated attributes and certificates, as the kernel's
 * `scripts/sign-file` does.
 *
 * @param folder - for temporary files
 */
export function signDetached(path: string, signer: Signer, folder: string, hash = 'sha256'): Uint8Array {
  const message = join(folder, 'message.p7s');
  runProgram('openssl', [
    ...['cms', '-sign', '-binary', '-noattr', '-nocerts', '-nosmimecap', '-md', hash],
    ...['-in', path, '-signer', signer.certificatePath, '-inkey', signer.keyPath],
    ...['-outform', 'DER', '-out', message],
  ]);
  return new Uint8Array(readFileSync(message));
}

/** The digest of the signed part of a certificate, by openssl. */
export function readTbsDigest(signer: Signer, hash: string): string {
  const tbs = `${signer.certificatePath}.tbs`;
  runProgram('openssl', [
    'asn1parse',
    '-in',
    signer.certificatePath,
    '-strparse',
    '4',
    '-noout',
    '-out',
    tbs,
  ]);
  return createHash(hash).update(readFileSync(tbs)).digest('hex');
}
