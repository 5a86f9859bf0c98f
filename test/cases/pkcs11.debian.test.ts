/** Keys on a PKCS#11 token: SoftHSM. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, joinLines, runCli } from '../support/cli.js';
import { runExecutable } from '../support/executable.js';
import { makeSigner, type Signer } from '../support/openssl.js';
import { runProgram } from '../support/programs.js';

const FILE = 'test/cases/field/25-pkcs12/x.efi';
const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
const PIN = '123456';
const ACCESS = `module-path=${MODULE}&pin-value=${PIN}`;

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
const pinFile = join(folder, 'pin');
const { SOFTHSM2_CONF, PKCS11_MODULE_PATH } = process.env;
let rsa: Signer;
let ec: Signer;

function initToken(label: string): void {
  const pins = ['--pin', PIN, '--so-pin', 'security'];
  runProgram('softhsm2-util', ['--init-token', '--free', '--label', label, ...pins]);
}

function importKey(path: string, label: string, id: string): void {
  const object = ['--token', 'unit', '--label', label, '--id', id, '--pin', PIN];
  runProgram('softhsm2-util', ['--import', path, ...object]);
}

beforeAll(() => {
  mkdirSync(join(folder, 'tokens'));
  const configuration = join(folder, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
  process.env.SOFTHSM2_CONF = configuration;
  delete process.env.PKCS11_MODULE_PATH;
  writeFileSync(pinFile, `${PIN}\n`);
  rsa = makeSigner(folder, 'rsa', { key: 'rsa' });
  ec = makeSigner(folder, 'ec');
  initToken('unit');
  importKey(rsa.keyPath, 'signing key', '01');
  importKey(ec.keyPath, 'ec', '02ff');
  const dsa = join(folder, 'dsa.key');
  const parameters = join(folder, 'dsa.params');
  runProgram('openssl', [
    'genpkey',
    '-genparam',
    '-algorithm',
    'DSA',
    '-pkeyopt',
    'dsa_paramgen_bits:1024',
    '-out',
    parameters,
  ]);
  runProgram('openssl', ['genpkey', '-paramfile', parameters, '-out', dsa]);
  importKey(dsa, 'dsa', '03');
});

afterAll(() => {
  Object.assign(process.env, { SOFTHSM2_CONF, PKCS11_MODULE_PATH });
  if (SOFTHSM2_CONF === undefined) delete process.env.SOFTHSM2_CONF;
  if (PKCS11_MODULE_PATH === undefined) delete process.env.PKCS11_MODULE_PATH;
  rmSync(folder, { recursive: true });
});

let count = 0;

function sign(key: string, signer: Signer, ...more: readonly string[]): CliRun & { output: string } {
  return signBy(runCli, key, signer, ...more);
}

function signBy(
  run: typeof runCli,
  key: string,
  { certificatePath }: Signer,
  ...more: readonly string[]
): CliRun & { output: string } {
  count += 1;
  const output = join(folder, `signed-${count}`);
  const args = ['sign', FILE, '--key', key, '--cert', certificatePath, '--output', output, ...more];
  return { ...run(...args), output };
}

describe('sign --key pkcs11:…', () => {
  it.each([
    ['RSA, by label', `pkcs11:token=unit;object=signing%20key?${ACCESS}`, 'rsa', []],
    ['RSA, SHA-512', `pkcs11:object=signing%20key;type=private?${ACCESS}`, 'rsa', ['--digest', 'sha512']],
    ['ECDSA, by identifier', `pkcs11:id=%02%FF?${ACCESS}`, 'ec', []],
    [
      'ECDSA, SHA-384, the module by name',
      `pkcs11:object=ec?module-name=softhsm2&pin-value=${PIN}`,
      'ec',
      ['--digest', 'sha384'],
    ],
  ] as const)('%s', (_, key, signer, more) => {
    const made = signer === 'rsa' ? rsa : ec;
    const { status, stderr, output } = sign(key, made, ...more);
    expect(stderr).toMatch(/^\S+: \S+ KiB, signed by (rsa|ec), sha\d+\n$/);
    expect(status).toBe(0);
    expect(runCli('verify', output, '--cert', made.certificatePath).status).toBe(0);
  });

  it('makes the bytes that the same key in a file makes', () => {
    const inFile = sign(rsa.keyPath, rsa, '--no-signing-time');
    const onToken = sign(`pkcs11:object=signing%20key?${ACCESS}`, rsa, '--no-signing-time');
    expect(readFileSync(onToken.output)).toEqual(readFileSync(inFile.output));
  });

  it('by the executable makes the same bytes, or a signature that holds', () => {
    const key = `pkcs11:object=signing%20key?${ACCESS}`;
    const byPackage = sign(key, rsa, '--no-signing-time');
    const byExecutable = signBy(runExecutable, key, rsa, '--no-signing-time');
    expect(byExecutable).toMatchObject({ status: 0 });
    expect(readFileSync(byExecutable.output)).toEqual(readFileSync(byPackage.output));
    const byEc = signBy(runExecutable, `pkcs11:object=ec?${ACCESS}`, ec);
    expect(byEc).toMatchObject({ status: 0 });
    expect(runExecutable('verify', byEc.output, '--cert', ec.certificatePath).status).toBe(0);
  });

  it('by the executable refuses a wrong PIN', () => {
    const key = `pkcs11:object=ec?module-path=${MODULE}&pin-value=wrong1`;
    const { status, stderr } = signBy(runExecutable, key, ec);
    expect([status, stderr]).toEqual([1, expect.stringContaining('refused: EACCES (sign-token)')]);
  });

  it("takes the PIN from a file, and p11-kit's module by default", () => {
    const path = `pkcs11:token=unit;object=signing%20key`;
    expect(sign(`${path}?module-path=${MODULE}&pin-source=${pinFile}`, rsa).status).toBe(0);
    expect(sign(path, rsa, '--passphrase-file', pinFile)).toMatchObject({ status: 0 });
  });

  it.each(['rsa', 'ec'] as const)('signs for IMA, too: %s', (kind) => {
    const [key, made] = kind === 'rsa' ? ['signing%20key', rsa] : ['ec', ec];
    const { status, output } = sign(`pkcs11:object=${key}?${ACCESS}`, made, '--ima', 'xattr');
    expect(status).toBe(0);
    const trusted = ['--keyring', `ima:${made.certificatePath}`, '--ima-xattr', output];
    expect(runCli('verify', FILE, ...trusted).stdout).toContain(': ok');
  });

  it.each([
    [
      'no module',
      `pkcs11:object=ec?module-path=/nonexistent.so`,
      'ENOENT',
      'the PKCS#11 module /nonexistent.so cannot be loaded',
    ],
    [
      'no module of that name',
      `pkcs11:object=ec?module-name=nonexistent`,
      'ENOENT',
      'no PKCS#11 module is named "nonexistent"',
    ],
    [
      'a library that is no module',
      `pkcs11:object=ec?module-path=libc.so.6`,
      'EINVAL',
      'libc.so.6 is no PKCS#11 module',
    ],
    ['no token', `pkcs11:token=other;object=ec?${ACCESS}`, 'ENOENT', 'names no token: the tokens are "unit"'],
    [
      'a wrong PIN',
      `pkcs11:object=ec?module-path=${MODULE}&pin-value=wrong1`,
      'EACCES',
      'the token "unit" refuses this PIN',
    ],
    ['no PIN and no terminal', `pkcs11:object=ec?module-path=${MODULE}`, 'EACCES', 'its PIN is needed'],
    [
      'no such key',
      `pkcs11:object=other?${ACCESS}`,
      'ENOENT',
      'names no private key on the token "unit": its private keys are object="',
    ],
    ['several keys', `pkcs11:token=unit?${ACCESS}`, 'EINVAL', 'names 3 private keys'],
    ['a key of another type', `pkcs11:object=dsa?${ACCESS}`, 'EINVAL', 'names a private key of type DSA'],
    [
      'the key of another certificate',
      `pkcs11:object=signing%20key?${ACCESS}`,
      'EKEYREJECTED',
      'does not belong to the certificate',
    ],
  ] as const)('refuses %s', (_, key, errno, seen) => {
    const { status, stderr, output } = sign(key, ec);
    expect(status).toBe(1);
    expect(stderr).toContain(`refused: ${errno} (sign-`);
    expect(joinLines(stderr)).toContain(seen);
    expect(stderr).not.toContain(PIN);
    expect(existsSync(output)).toBe(false);
  });

  it('refuses a URI that fits several tokens', () => {
    initToken('second');
    const { stderr } = sign(`pkcs11:object=ec?${ACCESS}`, ec);
    expect(joinLines(stderr)).toMatch(/names 2 tokens: .*add token=, serial= or slot-id= to the URI/);
    expect(sign(`pkcs11:token=unit;object=ec?${ACCESS}`, ec).status).toBe(0);
  });
});
