/** Keys, certificates and signatures that openssl makes. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImaXattr } from '../../src/formats/ima-xattr.js';
import { buildModuleSignature } from '../../src/formats/module-signature.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { buildEfiLists, EFI_TYPE } from '../support/efi.js';
import { buildImage } from '../support/image.js';
import { signDetached } from '../support/openssl.js';
import { buildPe } from '../support/pe.js';
import { runProgram } from '../support/programs.js';
import { makeSigningKeys, signMessage } from '../support/signing.js';

const { folder, rsa, ec } = makeSigningKeys();
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const look = (bytes: Uint8Array) => inspect(bytes, { decompress: nodeDecompress, hashes: nodeHashes });
const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const ofRsa = { subject: 'rsa', issuer: 'rsa', key: 'rsa of 2048 bits', signature: 'rsa with sha256' };
const ofEc = { subject: 'ec', key: 'ecdsa-nist-p256', signature: 'ecdsa with sha256' };

describe('certificates', () => {
  it('in DER, one after another', async () => {
    expect(await look(concat(rsa.der, ec.der))).toMatchObject({
      kind: 'certificates in DER',
      facts: { certificates: [{ ...ofRsa, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }, ofEc] },
    });
  });

  it('in PEM, with a key, of which the kind alone is shown', async () => {
    const inspected = await look(concat(read(rsa.certificatePath), read(rsa.keyPath)));
    expect(inspected).toMatchObject({
      kind: 'PEM file',
      facts: {
        count: 2,
        blocks: [
          { label: 'CERTIFICATE', ...ofRsa },
          { label: 'PRIVATE KEY', form: 'PKCS#8', encryption: 'none', algorithm: 'RSA', bits: 2048 },
        ],
        remark: expect.stringMatching(/keep it secret/),
      },
    });
  });

  it('one that the kernel refuses is listed with the reason', async () => {
    const path = join(folder, 'ed.pem');
    const key = join(folder, 'ed.key');
    runProgram('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ed25519',
      '-nodes',
      '-keyout',
      key,
      '-subj',
      '/CN=ed',
      '-out',
      path,
    ]);
    expect((await look(read(path))).facts.blocks).toMatchObject([
      { refused: expect.stringMatching(/^ENOPKG/) },
    ]);
  });

  it('in EFI signature lists, a variable of efivarfs, and PKCS#7', async () => {
    const lists = buildEfiLists(
      { type: EFI_TYPE.x509, signatures: [{ data: rsa.der }] },
      { type: EFI_TYPE.sha256, signatures: [{ data: new Uint8Array(32).fill(0xab) }] },
    );
    const facts = {
      lists: [
        { type: 'X509', entries: 1 },
        { type: 'SHA256', entries: 1 },
      ],
      certificates: [ofRsa],
      digests: [`SHA256 ${'ab'.repeat(32)}`],
    };
    expect(await look(lists)).toMatchObject({ kind: 'EFI signature lists', facts });
    expect(await look(concat(Uint8Array.of(0x27, 0, 0, 0), lists))).toMatchObject({
      kind: 'EFI variable',
      facts: { attributes: 'non-volatile, boot services, run time, authenticated by time', ...facts },
    });
    expect(await look(Uint8Array.of(6, 0, 0, 0, 1))).toMatchObject({
      kind: 'EFI variable',
      facts: { value: 1 },
    });
    const bundle = join(folder, 'bundle.p7b');
    runProgram('openssl', [
      ...['crl2pkcs7', '-nocrl', '-certfile', rsa.certificatePath, '-outform', 'DER', '-out', bundle],
    ]);
    expect(await look(read(bundle))).toMatchObject({
      kind: 'PKCS#7 message',
      facts: { signs: 'nothing: it has certificates alone', certificates: [ofRsa] },
    });
  });
});

describe('signatures', () => {
  it('a detached one', async () => {
    const signature = signDetached(rsa.certificatePath, rsa, folder);
    expect(await look(signature)).toMatchObject({
      kind: 'PKCS#7 message',
      facts: {
        signs: 'the bytes of another file: a detached signature',
        signers: [{ digest: 'sha256', algorithm: 'rsa' }],
      },
    });
  });

  it('one of a PE file names the digest of the file', async () => {
    const file = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(64) }] });
    expect(await look(signMessage(file, ec))).toMatchObject({
      facts: {
        signs: 'a PE file (Authenticode)',
        fileDigest: expect.stringMatching(/^sha256 [0-9a-f]{64}$/),
        signers: [{ subject: 'ec', digest: 'sha256', algorithm: 'ecdsa' }],
        certificates: [ofEc],
      },
    });
  });

  it('one that is appended to a kernel, or to another file', async () => {
    const signature = signDetached(rsa.certificatePath, rsa, folder);
    const appended = { signs: expect.stringMatching(/detached/), signers: [{ digest: 'sha256' }] };
    const kernel = concat(buildImage(), buildModuleSignature(signature));
    expect(await look(kernel)).toMatchObject({ kind: 'arm64 Image', facts: { appendedSignature: appended } });
    const other = concat(Uint8Array.of(0, 1, 2, 3), buildModuleSignature(signature));
    expect(await look(other)).toMatchObject({
      kind: 'file with an appended signature',
      facts: { appendedSignature: { signedBytes: 4, ...appended } },
    });
  });

  it('a value of security.ima', async () => {
    const value = buildImaXattr({ hash: 'sha256', keyId: 0x1234, signature: new Uint8Array(64) });
    expect(await look(value)).toMatchObject({
      kind: 'value of security.ima',
      facts: { digest: 'sha256', keyId: '00001234' },
    });
  });
});

describe('private keys', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey;
  const locked = { cipher: 'aes-256-cbc', passphrase: 'x' };

  it.each([
    ['PKCS#8', privateKey.export({ type: 'pkcs8', format: 'der' }), { algorithm: 'RSA', bits: 2048 }],
    ['PKCS#1', privateKey.export({ type: 'pkcs1', format: 'der' }), { algorithm: 'RSA', bits: 2048 }],
    ['SEC1', elliptic.export({ type: 'sec1', format: 'der' }), { algorithm: 'EC (P-384)' }],
    ['PKCS#8', elliptic.export({ type: 'pkcs8', format: 'der' }), { algorithm: 'EC (P-384)' }],
    [
      'PKCS#8',
      privateKey.export({ type: 'pkcs8', format: 'der', ...locked }),
      { encryption: expect.stringMatching(/^PBES2 \(PBKDF2, .*AES-256-CBC\)$/) },
    ],
  ])('in DER, by their kind alone: %s', async (form, der, facts) => {
    const inspected = await look(new Uint8Array(der));
    expect(inspected).toMatchObject({ kind: 'private key in DER', facts: { form, ...facts } });
    expect(JSON.stringify(inspected).length).toBeLessThan(300);
  });

  it.each([
    ['a public key', createPublicKey(privateKey).export({ type: 'pkcs1', format: 'der' })],
    ['a bare ECDSA signature', sign('sha256', Uint8Array.of(1), elliptic)],
  ])('are no %s', async (_, der) => {
    await expect(look(new Uint8Array(der))).rejects.toMatchObject({ check: 'file-kind' });
  });

  it('an old encrypted key in PEM', async () => {
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem', ...locked });
    expect((await look(new TextEncoder().encode(String(pem)))).facts.blocks).toEqual([
      { label: 'RSA PRIVATE KEY', encryption: 'AES-256-CBC' },
    ]);
  });

  it('PKCS#12: the encryption and the names, without the passphrase', async () => {
    const path = join(folder, 'k.p12');
    runProgram('openssl', [
      ...['pkcs12', '-export', '-inkey', rsa.keyPath, '-in', rsa.certificatePath],
      ...['-name', 'my key\u202e', '-passout', 'pass:x', '-out', path],
    ]);
    expect(await look(read(path))).toMatchObject({
      kind: 'PKCS#12 file',
      facts: {
        mac: expect.stringMatching(/^HMAC with SHA-256, \d+ iterations$/),
        parts: [
          {
            contents: expect.stringMatching(/with the passphrase/),
            encryption: expect.stringMatching(/PBES2.*AES-256/),
          },
          { contents: 'a private key', name: 'my key\u202e', encryption: expect.stringMatching(/PBES2/) },
        ],
      },
    });
  });
});
