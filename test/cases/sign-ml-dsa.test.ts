/** `kexec-file sign` with keys of ML-DSA, in all forms of RFC 9881. */
import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ML_DSA_NAMES } from '../../src/trust/x509/ml-dsa-names.js';
import { issueSelfSigned } from '../conformance/certificates.js';
import { buildImage } from '../conformance/image.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { contextPrimitive, integer, nullValue, octetString, oid, sequence } from '../support/der.js';
import { deriveMlDsaKey, type MlDsaTestKey, mlDsaAlgorithm } from '../support/test-keys.js';

const keyOf = (name: string, algorithm: (typeof ML_DSA_NAMES)[number] = 'mldsa65') =>
  deriveMlDsaKey(`signs ${name}`, algorithm);

const pkcs8 = (algorithm: (typeof ML_DSA_NAMES)[number], key: Uint8Array): Uint8Array =>
  sequence(integer(0), mlDsaAlgorithm(algorithm), octetString(key));

/** ML-DSA-PrivateKey: RFC 9881, section 6. */
const FORMS: Record<string, (key: MlDsaTestKey) => Uint8Array> = {
  seed: ({ seed }) => contextPrimitive(0, seed),
  expanded: ({ expanded }) => octetString(expanded),
  both: ({ seed, expanded }) => sequence(octetString(seed), octetString(expanded)),
};

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** EncryptedPrivateKeyInfo by PBES2 (RFC 8018), as `openssl pkcs8 -topk8` writes it. */
function encrypt(key: Uint8Array, passphrase: string): Uint8Array {
  const [salt, iv] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, 2048, 32, 'sha256'), iv);
  const prf = sequence(oid('1.2.840.113549.2.9'), nullValue());
  const derivation = sequence(oid('1.2.840.113549.1.5.12'), sequence(octetString(salt), integer(2048), prf));
  const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv));
  return sequence(
    sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, scheme)),
    octetString(Buffer.concat([cipher.update(key), cipher.final()])),
  );
}

/** Signs an Image by a key file, and verifies it. */
function signAndVerify(key: MlDsaTestKey, keyFile: string | Uint8Array, ...options: readonly string[]) {
  const folder = makeTemporaryFolder();
  const place = (name: string) => join(folder, name);
  const { der } = issueSelfSigned('ML-DSA', key).certificate;
  writeFileSync(place('Image'), buildImage());
  writeFileSync(place('key'), keyFile);
  writeFileSync(place('passphrase'), 'secret\n');
  writeFileSync(place('cert.der'), der);
  const given = [
    '--key',
    place('key'),
    '--cert',
    place('cert.der'),
    ...options.map((one) => one.replace('PATH', folder)),
  ];
  const signed = runCli('sign', place('Image'), ...given, '--json');
  const verified = runCli('verify', place('Image.signed'), '--cert', place('cert.der'));
  return { signed, verified: verified.status };
}

describe('kexec-file sign', () => {
  it.each(ML_DSA_NAMES.flatMap((name) => Object.keys(FORMS).map((form) => [name, form] as const)))(
    'signs by %s with a key that is %s',
    (name, form) => {
      const key = keyOf('each form', name);
      const der = pkcs8(name, (FORMS[form] as (typeof FORMS)['seed'])(key));
      const { signed, verified } = signAndVerify(key, form === 'both' ? der : pem('PRIVATE KEY', der));
      expect(JSON.parse(signed.stdout)).toMatchObject({ algorithm: name, digest: 'sha512' });
      expect([signed.status, verified]).toEqual([0, 0]);
    },
  );

  it('takes an encrypted key with its passphrase, and refuses another passphrase', () => {
    const key = keyOf('encrypted');
    const der = pkcs8('mldsa65', contextPrimitive(0, key.seed));
    const file = (passphrase: string) => pem('ENCRYPTED PRIVATE KEY', encrypt(der, passphrase));
    const opened = signAndVerify(key, file('secret'), '--passphrase-file', 'PATH/passphrase');
    expect([opened.signed.status, opened.verified]).toEqual([0, 0]);
    const locked = signAndVerify(key, file('other'), '--passphrase-file', 'PATH/passphrase');
    expect(locked.signed.stderr + locked.signed.stdout).toContain('EACCES');
  });

  it.each([
    ['of another certificate', contextPrimitive(0, keyOf('another').seed), 'EKEYREJECTED'],
    ['of a wrong length', contextPrimitive(0, new Uint8Array(31)), 'EINVAL'],
    [
      'with a seed of another one',
      sequence(octetString(keyOf('another').seed), octetString(keyOf('one').expanded)),
      'EINVAL',
    ],
    ['of no form', integer(1), 'EINVAL'],
    ['empty', new Uint8Array(), 'EINVAL'],
  ])('refuses a key %s', (_, contents, errno) => {
    const { signed } = signAndVerify(keyOf('one'), pkcs8('mldsa65', contents));
    expect(signed.stderr + signed.stdout).toContain(errno);
    expect(signed.status).toBe(1);
  });

  it('refuses another digest, which the kernel refuses', () => {
    const key = keyOf('digest');
    const { signed } = signAndVerify(
      key,
      pkcs8('mldsa65', contextPrimitive(0, key.seed)),
      '--digest',
      'sha256',
    );
    expect(signed.stderr + signed.stdout).toContain('it needs sha512');
  });

  it('appends a signature for IMA, and refuses one in security.ima', () => {
    const key = keyOf('ima');
    const file = pkcs8('mldsa65', contextPrimitive(0, key.seed));
    expect(signAndVerify(key, file, '--ima', 'appended').signed.status).toBe(0);
    const { signed } = signAndVerify(key, file, '--ima', 'xattr');
    expect(signed.stderr + signed.stdout).toContain('ENOPKG');
  });
});
