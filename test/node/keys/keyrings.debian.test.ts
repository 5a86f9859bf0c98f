import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { loadTrustStore, type TrustOptions } from '../../../src/node/keys/keyrings.js';
import { corpus } from '../../support/corpus.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { catchRefusal } from '../../support/hostile.js';
import { makeSigner } from '../../support/openssl.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const one = makeSigner(folder, 'one');
const two = makeSigner(folder, 'two');
const three = makeSigner(folder, 'three');

const DB = 'db-d719b2cb-3d3a-4596-a3bc-dad00e67656f';
const DBX = 'dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f';
const MOK = 'MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23';
const MOKX = 'MokListXRT-605dab50-e046-4300-abb6-3dd810dd8b23';

/** Writes a file, in a folder of the test's own if need be, and gives its path. */
function write(name: string, ...parts: readonly (Uint8Array | string)[]): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return path;
}

function list(...ders: readonly Uint8Array[]): Uint8Array {
  return buildEfiLists(...ders.map((data) => ({ type: EFI_TYPE.x509, signatures: [{ data }] })));
}

const variable = (...ders: readonly Uint8Array[]) =>
  Buffer.concat([Uint8Array.of(0x27, 0, 0, 0), list(...ders)]);

/** What was loaded: names of certificates by keyring, those of the blacklist beside them; empty ones left out. */
function load(options: TrustOptions) {
  const { keyrings, blacklist, ima } = loadTrustStore(options, nodeHashes);
  const all = [
    ...keyrings,
    { name: 'ima', certificates: ima },
    { name: 'blacklist', certificates: blacklist.certificates },
  ];
  return Object.fromEntries(
    all
      .filter(({ certificates }) => certificates.length > 0)
      .map(({ name, certificates }) => [name, certificates.map(({ subjectText }) => subjectText)]),
  );
}

describe('loadTrustStore', () => {
  it('puts certificates into builtin, from PEM, DER, and PEM with a private key', () => {
    const signingKey = write(
      'signing_key.pem',
      readFileSync(three.keyPath),
      readFileSync(three.certificatePath),
    );
    const certs = [one.certificatePath, write('two.der', two.der), signingKey];
    expect(load({ certs })).toEqual({ builtin: ['one', 'two', 'three'] });
    expect(load({ keyrings: certs })).toEqual({ builtin: ['one', 'two', 'three'] });
  });

  it('puts db into platform and MokListRT into machine; dbx and MokListXRT revoke', () => {
    const db = write(`vars/${DB}`, variable(one.der));
    const mok = write(`vars/${MOK}`, variable(two.der));
    const dbx = write(`vars/${DBX}`, variable(three.der));
    expect(load({ keyrings: [db] })).toEqual({ platform: ['one'] });
    expect(load({ keyrings: [mok] })).toEqual({ machine: ['two'] });
    expect(load({ keyrings: [dbx] })).toEqual({ blacklist: ['three'] });
    expect(load({ dbx: [dbx] })).toEqual({ blacklist: ['three'] });
  });

  it('reads a copy of efivarfs, and ignores other files in it', () => {
    write(`efivars/${DB}`, variable(one.der));
    write(`efivars/${MOK}`, variable(two.der));
    write(`efivars/${DBX}`, variable(three.der));
    write(`efivars/${MOKX}`, Uint8Array.of(6, 0, 0, 0));
    write('efivars/PK-8be4df61-93ca-11d2-aa0d-00e098032b8c', variable(three.der));
    write('efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c', Uint8Array.of(6, 0, 0, 0, 1));
    const path = join(folder, 'efivars');
    expect(load({ keyrings: [path] })).toEqual({ platform: ['one'], machine: ['two'], blacklist: ['three'] });
    expect(load({ keyrings: [`secondary:${path}/`] })).toEqual({
      secondary: ['two', 'one'],
      blacklist: ['three'],
    });
    expect(load({ dbx: [path] })).toEqual({ blacklist: ['three'] });
  });

  it('reads a folder of certificates in the order of their names, and not the folders in it', () => {
    write('certs/b.crt', readFileSync(one.certificatePath));
    write('certs/a.x509', two.der);
    write('certs/link-to-b.pem', readFileSync(one.certificatePath));
    write('certs/key-alone.pem', readFileSync(one.keyPath));
    write('certs/system_keyring.c', 'not read');
    write('certs/deeper/c.pem', readFileSync(three.certificatePath));
    const path = join(folder, 'certs');
    expect(load({ keyrings: [path] })).toEqual({ builtin: ['two', 'one'] });
    expect(load({ dbx: [path] })).toEqual({ blacklist: ['two', 'one'] });
  });

  it.each(['builtin', 'secondary', 'machine', 'platform', 'ima'])('accepts the prefix %s', (keyring) => {
    const esl = write('some.esl', list(one.der));
    expect(load({ keyrings: [esl] })).toEqual({ platform: ['one'] });
    expect(load({ keyrings: [`${keyring}:${esl}`] })).toEqual({ [keyring]: ['one'] });
    expect(load({ keyrings: [`${keyring}:${one.certificatePath}`] })).toEqual({ [keyring]: ['one'] });
  });

  it('reads any other prefix as part of the path', () => {
    const path = write('.platform:db.esl', list(one.der));
    expect(load({ keyrings: [path] })).toEqual({ platform: ['one'] });
  });

  it("puts a shim's CA into machine, and its dbx into the blacklist", () => {
    const { keyrings, blacklist } = loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);
    const named = keyrings.map(({ name, certificates }) => [
      name,
      certificates.map(({ subjectText }) => subjectText),
    ]);
    expect(Object.fromEntries(named)).toEqual({
      builtin: [],
      secondary: [],
      machine: ['Debian Secure Boot CA'],
      platform: [],
    });
    expect(blacklist.fileHashes.length).toBeGreaterThan(50);
    expect(loadTrustStore({ dbx: [corpus.shim()] }, nodeHashes)).toEqual({
      keyrings: keyrings.map(({ name }) => ({ name, certificates: [] })),
      ima: [],
      blacklist,
      skipped: [],
    });
    expect(load({ keyrings: [`platform:${corpus.shim()}`] })).toEqual({
      platform: ['Debian Secure Boot CA'],
    });
  });

  it('accepts a db without certificates', () => {
    const hashes = { type: EFI_TYPE.sha256, signatures: [{ data: new Uint8Array(32) }] };
    expect(load({ keyrings: [write('hashes.esl', buildEfiLists(hashes))] })).toEqual({});
    expect(load({ keyrings: [write(`empty/${DB}`, Uint8Array.of(0x27, 0, 0, 0))] })).toEqual({});
  });

  it.each<[string, string, string, () => TrustOptions]>([
    ['a file that is not there', 'file-access', 'ENOENT', () => ({ keyrings: [join(folder, 'none')] })],
    ['a cert that is not there', 'file-access', 'ENOENT', () => ({ certs: [join(folder, 'none')] })],
    ['text', 'keyring-file', 'EBADMSG', () => ({ keyrings: [write('text', 'no certificate')] })],
    ['a private key alone', 'keyring-file', 'ENODATA', () => ({ certs: [one.keyPath] })],
    ['a private key as dbx', 'keyring-file', 'ENODATA', () => ({ dbx: [one.keyPath] })],
    ['a shim as cert', 'keyring-file', 'EINVAL', () => ({ certs: [corpus.shim()] })],
    ['db as dbx', 'keyring-role', 'EINVAL', () => ({ dbx: [write(`role/${DB}`, variable(one.der))] })],
    [
      'MokListRT as dbx',
      'keyring-role',
      'EINVAL',
      () => ({ dbx: [write(`role/${MOK}`, variable(one.der))] }),
    ],
    [
      'a list cut short',
      'efi-signature-list',
      'EBADMSG',
      () => ({ dbx: [write('cut.esl', list(one.der).subarray(0, -1))] }),
    ],
    [
      'a folder without any',
      'keyring-file',
      'ENODATA',
      () => ({ keyrings: [join(write('nothing/README', 'text'), '..')] }),
    ],
    [
      'a certificate that the kernel cannot parse',
      'ber',
      'EBADMSG',
      () => ({ keyrings: [write('bad.der', Uint8Array.of(0x30, 0x81, 2, 5, 0))] }),
    ],
  ])('refuses %s, naming it', (_, check, errno, options) => {
    const named = options();
    const refusal = catchRefusal(() => loadTrustStore(named, nodeHashes));
    expect(refusal).toMatchObject({ check, errno });
    const [path = ''] = Object.values(named).flat();
    expect(refusal?.seen).toContain(path);
  });
});
