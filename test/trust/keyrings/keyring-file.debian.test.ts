import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type KeyringFileRole, parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { corpus } from '../../support/corpus.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { makeSigner, readTbsDigest } from '../../support/openssl.js';
import { buildPe } from '../../support/pe.js';
import { runProgram, withTemporaryFolder } from '../../support/programs.js';

const NOTHING = {
  certificates: [],
  revokedCertificates: [],
  certificateHashes: [],
  kernelCertificateHashes: [],
  fileHashes: [],
  ignored: [],
};

const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A certificate in each of the files that can hold one. */
const { der, pem, list, update, hashList, hash } = withTemporaryFolder((folder) => {
  const signer = makeSigner(folder, 'signer', { key: 'rsa' });
  const path = (name: string) => join(folder, name);
  runProgram('cert-to-efi-sig-list', [signer.certificatePath, path('db.esl')]);
  runProgram('cert-to-efi-hash-list', ['-s', '256', signer.certificatePath, path('dbx.esl')]);
  runProgram('sign-efi-sig-list', [
    ...['-k', signer.keyPath, '-c', signer.certificatePath],
    ...['db', path('db.esl'), path('db.auth')],
  ]);
  const read = (name: string) => new Uint8Array(readFileSync(path(name)));
  return {
    der: signer.der,
    pem: joined(readFileSync(signer.keyPath), readFileSync(signer.certificatePath)),
    list: read('db.esl'),
    update: read('db.auth'),
    hashList: read('dbx.esl'),
    hash: readTbsDigest(signer, 'sha256'),
  };
});

/** What efivarfs has before a variable's data. */
const ATTRIBUTES = Uint8Array.of(0x27, 0, 0, 0);

/** A shim: a PE file with the sections that matter. */
function buildShim(authorized: Uint8Array, deauthorized: Uint8Array): Uint8Array {
  const table = Buffer.alloc(16);
  table.writeUInt32LE(authorized.length, 0);
  table.writeUInt32LE(deauthorized.length, 4);
  table.writeUInt32LE(16, 8);
  table.writeUInt32LE(16 + authorized.length, 12);
  return buildPe({
    sections: [{ name: '/4', bytes: joined(table, authorized, deauthorized) }],
    strings: '.vendor_cert\0',
  });
}

describe('parseKeyringFile', () => {
  it.each([
    ['pem', pem],
    ['der', der],
    ['efi-signature-list', list],
    ['efi-variable', joined(ATTRIBUTES, list)],
    ['efi-variable-update', update],
    ['vendor-cert', buildShim(der, new Uint8Array())],
    ['vendor-cert', buildShim(list, new Uint8Array())],
  ])('finds the certificate in a file of kind %s', (kind, file) => {
    expect(parseKeyringFile(file)).toEqual({ ...NOTHING, kind, certificates: [der] });
  });

  it.each([
    ['pem', pem],
    ['der', der],
    ['efi-signature-list', list],
    ['efi-variable', joined(ATTRIBUTES, list)],
    ['efi-variable-update', update],
    ['vendor-cert', buildShim(new Uint8Array(), list)],
  ])('finds the revoked certificate in a dbx of kind %s', (kind, file) => {
    expect(parseKeyringFile(file, 'revoke')).toEqual({ ...NOTHING, kind, revokedCertificates: [der] });
  });

  it('reads the CA and the dbx of a shim, and as a dbx only the dbx', () => {
    const shim = buildShim(der, joined(list, hashList));
    const dbx = {
      ...NOTHING,
      kind: 'vendor-cert',
      revokedCertificates: [der],
      certificateHashes: [hash],
      kernelCertificateHashes: [expect.stringMatching(`^${hash}`)],
    };
    expect(parseKeyringFile(shim)).toEqual({ ...dbx, certificates: [der] });
    expect(parseKeyringFile(shim, 'revoke')).toEqual(dbx);
  });

  it('reads the digests of a dbx, and ignores those of a db, as the kernel does', () => {
    const signatures = (size: number) => [{ data: new Uint8Array(size).fill(0xab) }];
    const file = buildEfiLists(
      { type: EFI_TYPE.sha256, signatures: [...signatures(32), ...signatures(32)] },
      { type: EFI_TYPE.x509Sha256, signatures: signatures(48) },
      { type: EFI_TYPE.x509Sha384, signatures: signatures(64) },
      { type: EFI_TYPE.x509Sha512, signatures: signatures(80) },
      { type: EFI_TYPE.sha1, signatures: signatures(20) },
      { type: '01234567-89ab-cdef-0123-456789abcdef', signatures: signatures(3) },
      { type: EFI_TYPE.sha1, signatures: signatures(20) },
    );
    const unknown = { type: '01234567-89ab-cdef-0123-456789abcdef', name: undefined, count: 1 };
    expect(parseKeyringFile(file, 'revoke')).toEqual({
      ...NOTHING,
      kind: 'efi-signature-list',
      fileHashes: [32, 32, 20, 20].map((size) => 'ab'.repeat(size)),
      certificateHashes: [32, 48, 64].map((size) => 'ab'.repeat(size)),
      kernelCertificateHashes: ['ab'.repeat(48)],
      ignored: [unknown],
    });
    expect(parseKeyringFile(file)).toEqual({
      ...NOTHING,
      kind: 'efi-signature-list',
      ignored: [
        { type: EFI_TYPE.sha256, name: 'SHA256', count: 2 },
        { type: EFI_TYPE.x509Sha256, name: 'X509_SHA256', count: 1 },
        { type: EFI_TYPE.x509Sha384, name: 'X509_SHA384', count: 1 },
        { type: EFI_TYPE.x509Sha512, name: 'X509_SHA512', count: 1 },
        { type: EFI_TYPE.sha1, name: 'SHA1', count: 2 },
        unknown,
      ],
    });
  });

  it('reads the digest of a revoked certificate with or without a time of revocation', () => {
    const digest = new Uint8Array(32).fill(1);
    const file = (data: Uint8Array) => buildEfiLists({ type: EFI_TYPE.x509Sha256, signatures: [{ data }] });
    for (const data of [digest, joined(digest, new Uint8Array(16))]) {
      expect(parseKeyringFile(file(data), 'revoke').certificateHashes).toEqual(['01'.repeat(32)]);
    }
  });

  it('reads a variable without data as an empty db', () => {
    expect(parseKeyringFile(ATTRIBUTES)).toEqual({ ...NOTHING, kind: 'efi-variable' });
  });

  it("finds Debian's CA and dbx in its shim", () => {
    const shim = readFileSync(corpus.shim());
    const { kind, certificates, fileHashes, certificateHashes, ignored } = parseKeyringFile(shim);
    expect({ kind, certificateHashes, ignored }).toEqual({
      kind: 'vendor-cert',
      certificateHashes: [],
      ignored: [],
    });
    expect(certificates).toHaveLength(1);
    const subject = runProgram(
      'openssl',
      ['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'RFC2253'],
      {
        input: certificates[0] ?? '',
      },
    );
    expect(subject.trim()).toBe('subject=CN=Debian Secure Boot CA');
    expect(fileHashes.length).toBeGreaterThan(50);
    for (const digest of fileHashes) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("agrees with sig-list-to-certs on the dbx in Debian's shim", () => {
    withTemporaryFolder((folder) => {
      const shim = corpus.shim();
      runProgram('aarch64-linux-gnu-objcopy', [
        ...['-O', 'binary', '--only-section=.vendor_cert', shim, join(folder, 'section')],
      ]);
      const section = readFileSync(join(folder, 'section'));
      const start = section.readUInt32LE(12);
      writeFileSync(join(folder, 'dbx.esl'), section.subarray(start, start + section.readUInt32LE(4)));
      const told = runProgram('sig-list-to-certs', ['dbx.esl', 'dbx'], { cwd: folder });
      const { fileHashes } = parseKeyringFile(readFileSync(shim), 'revoke');
      expect(told.match(/^Written 32 bytes$/gm)).toHaveLength(fileHashes.length);
      expect(fileHashes).toEqual(
        fileHashes.map((_, index) => readFileSync(join(folder, `dbx-${index}.hash`)).toString('hex')),
      );
    });
  });

  it.each<[string, string, string, Uint8Array]>([
    ['an empty file', 'keyring-file', 'EBADMSG', new Uint8Array()],
    ['text', 'keyring-file', 'EBADMSG', new TextEncoder().encode('no certificate, however long the text is')],
    ['a public key in DER of its short form', 'keyring-file', 'EBADMSG', Uint8Array.of(0x30, 3, 2, 1, 1)],
    ['4 MiB and a byte', 'keyring-file', 'EFBIG', new Uint8Array((4 << 20) + 1)],
    ['a program that is no shim', 'keyring-file', 'ENODATA', buildPe({})],
    ['a PE file cut short', 'pe-header', 'ELIBBAD', buildPe({}).subarray(0, 64)],
    ['a shim whose CA is no certificate', 'efi-signature-list', 'EBADMSG', buildShim(ATTRIBUTES, list)],
    ['a shim whose dbx is cut short', 'efi-signature-list', 'EBADMSG', buildShim(der, list.subarray(1))],
    ['a shim without a table', 'vendor-cert', 'EBADMSG', shimWith(new Uint8Array(15))],
    ['a list cut short', 'efi-signature-list', 'EBADMSG', list.subarray(0, -1)],
    ['a variable cut short', 'efi-signature-list', 'EBADMSG', joined(ATTRIBUTES, list.subarray(0, -1))],
    ['an update cut short', 'efi-signature-list', 'EBADMSG', update.subarray(0, -1)],
    ['a certificate cut short', 'der-certificates', 'EBADMSG', der.subarray(0, -1)],
    ['a certificate and a byte', 'der-certificates', 'EBADMSG', joined(der, Uint8Array.of(0))],
    ['PEM without an end', 'pem', 'EBADMSG', pem.subarray(0, -10)],
  ])('refuses %s', (_, check, errno, file) => {
    expect(catchRefusal(() => parseKeyringFile(file))).toMatchObject({ check, errno });
  });

  it.each([31, 33, 47, 49])('refuses a revoked digest of %i bytes', (size) => {
    const file = buildEfiLists({ type: EFI_TYPE.x509Sha256, signatures: [{ data: new Uint8Array(size) }] });
    expect(catchRefusal(() => parseKeyringFile(file, 'revoke'))).toMatchObject({
      check: 'efi-signature-list',
      errno: 'EBADMSG',
    });
  });

  it.each<[string, KeyringFileRole, Uint8Array, number]>([
    ['a shim', 'trust', buildShim(der, hashList), 0x460],
    ['a dbx', 'revoke', joined(ATTRIBUTES, hashList), 4 + hashList.length],
    ['an update', 'trust', update, 64],
    ['PEM', 'trust', pem, 64],
    ['DER', 'trust', der, 8],
  ])('returns a value or refuses %s with any bit flipped', (_, role, file, length) => {
    const outcomes = new Set<string>();
    for (const changed of flipEachBit(file, length)) {
      outcomes.add(catchRefusal(() => parseKeyringFile(changed, role))?.check ?? 'value');
    }
    expect(outcomes).toContain('value');
    expect(outcomes.size).toBeGreaterThan(1);
  });
});

function shimWith(section: Uint8Array): Uint8Array {
  return buildPe({ sections: [{ name: '/4', bytes: section }], strings: '.vendor_cert\0' });
}
