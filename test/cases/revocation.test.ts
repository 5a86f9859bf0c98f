/** Revocation does not depend on the signer of the file, on the file around it, or on where the list is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import { digestAuthenticode } from '../../src/trust/pe/authenticode.js';
import { parsePefile } from '../../src/trust/pe/pefile.js';
import { removeSignatures } from '../../src/trust/sign/remove.js';
import { verify } from '../../src/trust/verify-signature.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { signedFile } from '../conformance/authenticode.js';
import { type Identity, issue } from '../conformance/certificates.js';
import { ca, intermediate, leaf, rsaKey } from '../conformance/identities.js';
import { buildImage } from '../conformance/image.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildEfiLists, EFI_TYPE } from '../support/efi.js';
import { computeDigest, type Digest } from '../support/test-keys.js';

const ENVELOPE = 'test/cases/attack/03-dbx-in-envelope';
const FOLDER = 'test/cases/attack/15-keyring-folder-with-dbx';
const HASHES = 'test/cases/attack/22-x509-sha256-other-hash';

const read = (path: string) => new Uint8Array(readFileSync(path));

function digestOf(file: Uint8Array, name: Digest): Uint8Array {
  const hash = nodeHashes(name);
  if (hash === undefined) throw new Error(name);
  digestAuthenticode(file, parsePefile(file), hash);
  return hash.digest();
}

const FILE_TYPES = {
  sha1: '826ca512-cf10-4ac9-b187-be01496631bd',
  sha256: EFI_TYPE.sha256,
  sha384: 'ff3e5307-9fd0-48c9-85f1-8ad56c701e01',
  sha512: '093e0fae-a6c4-4f50-9f1b-d41e2b89c19a',
} as const;

function write(name: string, bytes: Uint8Array, folder = makeTemporaryFolder()): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function listFile(file: Uint8Array, hash: keyof typeof FILE_TYPES): string {
  const data = digestOf(file, hash);
  return write('dbx.esl', buildEfiLists({ type: FILE_TYPES[hash], signatures: [{ data }] }));
}

function plan(kernel: string, dbx: string, ...more: string[]) {
  return runCli('plan', kernel, '--cert', `${ENVELOPE}/good.pem`, '--dbx', dbx, ...more);
}

describe('attack/03: a kernel whose digest is in dbx, without its signature, in a trusted UKI', () => {
  it.each(['image.good', 'uki.good'])('%s does not load', (kernel) => {
    const { status, stderr } = plan(`${ENVELOPE}/${kernel}`, `${ENVELOPE}/dbx.esl`);
    expect(status).toBe(1);
    expect(stderr).toContain('refused: EKEYREJECTED (blacklist)');
    expect(stderr).toMatch(/the file's digest [0-9a-f]{64} is in dbx/);
  });

  it('the UKI loads without that dbx', () => {
    expect(plan(`${ENVELOPE}/uki.good`, `${HASHES}/dbx-x256-sha384.esl`).status).toBe(0);
  });
});

describe('of its kind', () => {
  it.each(['sha1', 'sha384', 'sha512'] as const)('a digest by %s revokes, too', (hash) => {
    const dbx = listFile(read(`${ENVELOPE}/image.good`), hash);
    expect(plan(`${ENVELOPE}/uki.good`, dbx).stderr).toContain('EKEYREJECTED (blacklist)');
  });

  it('a revoked UKI does not load for the sake of a kernel with a signature of its own', () => {
    const dbx = listFile(read(`${ENVELOPE}/uki.good`), 'sha256');
    const initrd = write('initrd', new Uint8Array(64));
    const { status, stderr } = plan(`${ENVELOPE}/uki.good`, dbx, '--initrd', initrd, '--command-line', 'x');
    expect(status).toBe(1);
    expect(stderr).toContain('EKEYREJECTED (blacklist)');
  });

  it.each([
    ['as it was before it was signed', (file: Uint8Array) => removeSignatures(file, 'all')],
    [
      'followed by zeros',
      (file: Uint8Array) => Buffer.concat([removeSignatures(file, 'all'), new Uint8Array(21)]),
    ],
  ])('a stripped kernel in a gzip file, %s, is noted under permissive', (_, strip) => {
    const signed = read(`${ENVELOPE}/image.good`);
    const kernel = write('image.gz', gzipSync(strip(signed)));
    const { status, stdout } = plan(kernel, listFile(signed, 'sha256'), '--policy', 'permissive');
    expect(status).toBe(0);
    expect(stdout).toMatch(/EKEYREJECTED \(blacklist\): the file's digest [0-9a-f]{64} is in dbx/);
  });

  it('verify names the revocation of an unsigned file', () => {
    const signed = read(`${ENVELOPE}/image.good`);
    const path = write('image', removeSignatures(signed, 'all'));
    const { stderr } = runCli('verify', path, '--dbx', listFile(signed, 'sha256'));
    expect(stderr).toContain('EKEYREJECTED (blacklist)');
  });
});

describe('attack/15: a folder of keyrings with a dbx in it', () => {
  it('revokes what dbx.esl lists', () => {
    const { status, stderr } = runCli('verify', `${FOLDER}/image.evil`, '--keyring', `${FOLDER}/kr2`);
    expect(status).toBe(1);
    expect(stderr).toContain('EKEYREJECTED (blacklist)');
  });

  it('as --dbx, does not revoke what db.esl trusts', () => {
    const folder = `${FOLDER}/kr2`;
    const { status, stdout } = runCli('verify', `${FOLDER}/image.good`, '--keyring', folder, '--dbx', folder);
    expect(status).toBe(0);
    expect(stdout).toContain('through the platform keyring');
  });

  it('db.esl as --dbx is refused', () => {
    const { status, stderr } = runCli('verify', `${FOLDER}/image.good`, '--dbx', `${FOLDER}/kr2/db.esl`);
    expect(status).toBe(1);
    expect(stderr).toContain('EINVAL (keyring-role)');
  });

  it.each([
    'dbx',
    'efivar-dbx',
    'DBXUpdate.bin',
    'dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f',
    'dbxDefault-8be4df61-93ca-11d2-aa0d-00e098032b8c',
    'MokListXRT-605dab50-e046-4300-abb6-3dd810dd8b23',
    'MokListX.esl',
    'vendor_dbx.esl',
  ])('a file named %s revokes, with the attributes of efivarfs', (name) => {
    const folder = join(makeTemporaryFolder(), 'keys');
    mkdirSync(folder);
    write('db.esl', read(`${FOLDER}/kr2/dbx.esl`), folder);
    expect(runCli('verify', `${FOLDER}/image.evil`, '--keyring', folder).status).toBe(0);
    write(name, Buffer.concat([Uint8Array.of(0x27, 0, 0, 0), read(`${FOLDER}/kr2/dbx.esl`)]), folder);
    const { stderr } = runCli('verify', `${FOLDER}/image.evil`, '--keyring', folder);
    expect(stderr).toContain('EKEYREJECTED (blacklist)');
  });

  it.each([
    ['db', 'platform'],
    ['efivar-db', 'platform'],
    ['db-d719b2cb-3d3a-4596-a3bc-dad00e67656f', 'platform'],
    ['MokListRT', 'machine'],
    ['MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23', 'machine'],
  ])('a file named %s is trusted in %s, and refused as --dbx', (name, keyring) => {
    const attributes = Uint8Array.of(0x06, 0, 0, 0);
    const path = write(name, Buffer.concat([attributes, read(`${FOLDER}/kr2/db.esl`)]));
    const { stdout } = runCli('verify', `${FOLDER}/image.good`, '--keyring', path);
    expect(stdout).toContain(`trusted through the ${keyring} keyring`);
    expect(runCli('verify', `${FOLDER}/image.good`, '--dbx', path).stderr).toContain('keyring-role');
  });

  it('a list that revokes, under another name, is refused as a keyring', () => {
    const path = write('list.esl', read(`${HASHES}/dbx-x256-sha384.esl`));
    const { status, stderr } = runCli('verify', `${FOLDER}/image.good`, '--keyring', path);
    expect(status).toBe(1);
    expect(stderr).toContain('entries of type X509_SHA256, which revoke');
  });
});

describe('attack/22: X509_SHA256 entries of dbx', () => {
  it.each(['sha256', 'sha384'])('revoke a certificate that is signed with %s', (hash) => {
    const args = ['--cert', `${HASHES}/h${hash}.pem`, '--dbx', `${HASHES}/dbx-x256-${hash}.esl`];
    const { status, stderr } = runCli('verify', `${HASHES}/img.${hash}`, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `EKEYREJECTED (blacklist): signed by Hash ${hash}, whose certificate is revoked`,
    );
  });

  const types = {
    sha256: EFI_TYPE.x509Sha256,
    sha384: EFI_TYPE.x509Sha384,
    sha512: EFI_TYPE.x509Sha512,
  } as const;

  function verdictWith(identity: Identity, listed: Uint8Array, by: keyof typeof types, embedded: Identity[]) {
    const { tbs } = parseCertificate(listed, nodeHashes);
    const data = Buffer.concat([computeDigest(by, tbs), new Uint8Array(16)]);
    const dbx = parseKeyringFile(buildEfiLists({ type: types[by], signatures: [{ data }] }), 'revoke');
    const sources = [
      { name: 'ca', keyring: 'builtin' as const, file: parseKeyringFile(ca().certificate.der) },
      { name: 'own', keyring: 'builtin' as const, file: parseKeyringFile(identity.certificate.der) },
      { name: 'dbx', keyring: 'platform' as const, file: dbx },
    ];
    const certificates = embedded.map(({ certificate }) => certificate.der);
    const file = signedFile({ signer: identity, certificates, image: buildImage() });
    return verify(file, { trust: buildTrustStore(sources, nodeHashes), hashes: nodeHashes });
  }

  it.each([
    ['sha512', 'sha256'],
    ['sha1', 'sha256'],
    ['sha3-256', 'sha256'],
    ['sha256', 'sha384'],
    ['sha256', 'sha512'],
    ['sha384', 'sha512'],
  ] as const)('a certificate signed with %s, listed by %s', (digest, by) => {
    const one = issue('one', rsaKey('one'), ca(), { digest });
    expect(verdictWith(one, one.certificate.der, by, [one])).toMatchObject({
      errno: 'EKEYREJECTED',
      check: 'blacklist',
      detail: 'signed by one, whose certificate is revoked',
    });
  });

  it('a certificate that is given, and not embedded', () => {
    const one = issue('one', rsaKey('one'), ca(), { digest: 'sha384' });
    expect(verdictWith(one, one.certificate.der, 'sha256', [])).toMatchObject({
      errno: 'EKEYREJECTED',
      check: 'blacklist',
      detail: 'the chain leads to one, which is revoked',
    });
  });

  it('a certificate in the middle of the chain', () => {
    const verdict = verdictWith(leaf(), intermediate().certificate.der, 'sha512', [leaf(), intermediate()]);
    expect(verdict).toMatchObject({
      check: 'blacklist',
      detail: 'signed by leaf, whose chain leads through intermediate, which is revoked',
    });
  });
});
