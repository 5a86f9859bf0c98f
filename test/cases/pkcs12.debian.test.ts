/** PKCS#12 and PKCS#7 as the key and certificate of sign, made by openssl. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePe } from '../../src/formats/pe/parse.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { parsePkcs7 } from '../../src/trust/pkcs7/parse-message.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { makeSigner, type Signer } from '../support/openssl.js';
import { runProgram } from '../support/programs.js';

const FILE = 'test/cases/field/25-pkcs12/x.efi';

const CA = ['basicConstraints=critical,CA:TRUE', 'subjectKeyIdentifier=hash'];

interface Files {
  readonly folder: string;
  readonly issuer: Signer;
  readonly signer: Signer;
  readonly password: string;
}

function makeFiles(key: 'rsa' | 'ec' = 'rsa', password = 'se crét'): Files {
  const folder = makeTemporaryFolder();
  const issuer = makeSigner(folder, 'issuer', { extensions: CA });
  const signer = makeSigner(folder, 'signer', { key, issuer });
  const path = join(folder, 'password');
  writeFileSync(path, `${password}\n`);
  return { folder, issuer, signer, password: path };
}

/** Exports key, certificate and issuer. */
function exportPkcs12({ folder, issuer, signer, password }: Files, ...args: string[]): string {
  const path = join(folder, 'k.p12');
  runProgram('openssl', [
    ...['pkcs12', '-export', '-inkey', signer.keyPath, '-in', signer.certificatePath],
    ...['-certfile', issuer.certificatePath, '-passout', `file:${password}`, '-out', path, ...args],
  ]);
  return path;
}

function sign(files: Files, key: string, cert: string, ...more: string[]) {
  const output = join(files.folder, `signed-${Math.random()}`);
  const args = ['--key', key, '--cert', cert, '--output', output, ...more];
  const run = runCli('sign', FILE, ...args);
  return { ...run, output };
}

function namesIn(path: string): string[] {
  const [certificate] = parsePe(new Uint8Array(readFileSync(path))).certificates;
  const message = parsePkcs7(certificate?.bytes ?? new Uint8Array(), nodeHashes);
  // In DER, a SET has no order.
  return message.certificates.map(({ subjectText }) => subjectText).sort();
}

describe('field/25: a key and certificate in PKCS#12, a certificate in PKCS#7', () => {
  it.each([
    ['RSA, as OpenSSL 3 writes it: PBES2, AES-256, SHA-256', 'rsa', []],
    ['ECDSA', 'ec', []],
    [
      'AES-128 and a MAC by SHA-512',
      'rsa',
      ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512'],
    ],
    [
      'AES-192 and a MAC by SHA-1',
      'rsa',
      ['-keypbe', 'AES-192-CBC', '-certpbe', 'AES-192-CBC', '-macalg', 'sha1'],
    ],
    [
      '3DES, as older tools write it',
      'rsa',
      ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
    ],
    ['certificates in plain text', 'rsa', ['-certpbe', 'NONE']],
    ['key and certificates in plain text', 'ec', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
    ['without a MAC', 'rsa', ['-nomac']],
    ['many iterations', 'rsa', ['-iter', '100000']],
  ] as const)('%s', (_, key, args) => {
    const files = makeFiles(key);
    const path = exportPkcs12(files, ...args);
    const { status, stderr, output } = sign(files, path, path, '--passphrase-file', files.password);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^\S+: [\d.]+ KiB, signed by signer, sha256\n$/),
    });
    expect(runCli('verify', output, '--cert', files.issuer.certificatePath).status).toBe(0);
    expect(namesIn(output)).toEqual(['issuer', 'signer']);
  });

  it('an empty passphrase is not asked for', () => {
    const files = makeFiles('rsa', '');
    const path = exportPkcs12(files);
    expect(sign(files, path, path).status).toBe(0);
  });

  it.each(['PEM', 'DER'])('PKCS#7 in %s, in whatever order', (form) => {
    const files = makeFiles();
    const [path, p12] = [join(files.folder, 'c.p7b'), exportPkcs12(files)];
    const certificates = [files.issuer, files.signer].flatMap((one) => ['-certfile', one.certificatePath]);
    runProgram('openssl', ['crl2pkcs7', '-nocrl', ...certificates, '-outform', form, '-out', path]);
    const { status, stderr, output } = sign(files, p12, path, '--passphrase-file', files.password);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(/^\S+: [\d.]+ KiB, signed by signer, sha256\n$/),
    });
    expect(namesIn(output)).toEqual(['issuer', 'signer']);
  });

  it("signs for IMA, and with another key's certificate refuses", () => {
    const files = makeFiles();
    const path = exportPkcs12(files);
    expect(sign(files, path, path, '--passphrase-file', files.password, '--ima', 'xattr').status).toBe(0);
    const other = sign(files, path, files.issuer.certificatePath, '--passphrase-file', files.password);
    expect(other.stderr).toContain('EKEYREJECTED (sign-key)');
  });
});

describe('of its kind', () => {
  it.each([[[]], [['-nomac']]])('a wrong passphrase is named: %o', (args) => {
    const files = makeFiles();
    const path = exportPkcs12(files, ...args);
    writeFileSync(files.password, 'another\n');
    const { status, stderr } = sign(files, path, path, '--passphrase-file', files.password);
    expect(status).toBe(1);
    expect(stderr).toContain('EACCES (sign-key)');
    expect(stderr).toContain('this passphrase does not decrypt');
  });

  it('RC2, which Node lacks: the refusal has the command that converts', () => {
    const files = makeFiles();
    const path = exportPkcs12(files, '-legacy', '-certpbe', 'PBE-SHA1-RC2-40');
    const { status, stderr } = sign(files, path, path, '--passphrase-file', files.password);
    expect(status).toBe(1);
    expect(stderr).toContain('its certificates are encrypted by RC2');
    expect(joinLines(stderr)).toContain(`openssl pkcs12 -legacy -in ${path}`);
  });

  it('more iterations than a second of work', () => {
    const files = makeFiles();
    const path = exportPkcs12(files, '-iter', '1000001', '-nomac');
    const { stderr } = sign(files, path, path, '--passphrase-file', files.password);
    expect(stderr).toContain('its key is derived in 1000001 steps');
  });

  it('cut short anywhere, or changed, ends in a refusal', () => {
    const files = makeFiles('ec');
    const whole = readFileSync(exportPkcs12(files));
    const path = join(files.folder, 'cut.p12');
    for (const length of [3, 30, 100, whole.length - 40, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, length));
      const { status, stderr } = sign(files, path, path, '--passphrase-file', files.password);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^refused: E[A-Z]+ \(/);
    }
  });

  it('--add-cert takes PKCS#7, too', () => {
    const files = makeFiles();
    const path = join(files.folder, 'ca.p7b');
    runProgram('openssl', ['crl2pkcs7', '-nocrl', '-certfile', files.issuer.certificatePath, '-out', path]);
    const { keyPath, certificatePath } = files.signer;
    const { output } = sign(files, keyPath, certificatePath, '--add-cert', path);
    expect(namesIn(output)).toEqual(['issuer', 'signer']);
  });
});

describe('where certificates are trusted', () => {
  /** A file that the issuer of these signed, by openssl's own tools. */
  const makeTrusted = () => {
    const files = makeFiles();
    const { output } = sign(files, files.signer.keyPath, files.signer.certificatePath);
    return { files, output };
  };

  it.each(['PEM', 'DER'])('--cert and --keyring take PKCS#7 in %s', (form) => {
    const { files, output } = makeTrusted();
    const path = join(files.folder, 'ca.p7b');
    const certificates = ['-certfile', files.issuer.certificatePath];
    runProgram('openssl', ['crl2pkcs7', '-nocrl', ...certificates, '-outform', form, '-out', path]);
    expect(joinLines(runCli('verify', output, '--cert', path).stdout)).toContain(
      'through the builtin keyring',
    );
    expect(joinLines(runCli('verify', output, '--keyring', `platform:${path}`).stdout)).toContain(
      'through the platform keyring',
    );
    expect(joinLines(runCli('verify', output, '--cert', path, '--dbx', path).stderr)).toContain(
      'EKEYREJECTED (blacklist)',
    );
  });

  it('a PKCS#7 signature brings no trust in its own certificates', () => {
    const { files, output } = makeTrusted();
    const path = join(files.folder, 'detached.p7');
    const detached = ['--key', files.signer.keyPath, '--cert', files.signer.certificatePath, '--detached'];
    expect(runCli('sign', FILE, ...detached, '--output', path).status).toBe(0);
    for (const option of ['--cert', '--keyring']) {
      const { status, stderr } = runCli('verify', output, option, path);
      expect(status).toBe(1);
      expect(joinLines(stderr)).toContain('EBADMSG (keyring-file)');
      expect(joinLines(stderr)).toContain('a PKCS#7 signature, not a list of certificates');
    }
  });

  it('PKCS#12 is refused, and sign named, which takes it', () => {
    const { files, output } = makeTrusted();
    const path = exportPkcs12(files);
    for (const option of ['--cert', '--keyring', '--dbx']) {
      const { status, stderr } = runCli('plan', output, option, path);
      expect(status).toBe(1);
      expect(joinLines(stderr)).toContain('EBADMSG (keyring-file)');
      expect(joinLines(stderr)).toContain('kexec-file sign takes it as --key and --cert; for other commands');
    }
  });
});
