import { createHash, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildImaXattr, parseImaXattr } from '../../../src/formats/ima-xattr.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import type { HashName } from '../../../src/trust/hashes.js';
import { findImaKeyId, type ImaKeyring, listImaKeyrings } from '../../../src/trust/ima/ima-keyrings.js';
import { ImaVerifier } from '../../../src/trust/ima/ima-verifier.js';
import { EMPTY_BLACKLIST } from '../../../src/trust/keyrings/keyring.js';
import { parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../../src/trust/keyrings/trust-store.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { corpus } from '../../support/corpus.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { makeSigner, type Signer } from '../../support/openssl.js';
import { runProgram } from '../../support/programs.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = makeSigner(folder, 'rsa-signer', { key: 'rsa' });
const ec = makeSigner(folder, 'ec-signer');
const stranger = makeSigner(folder, 'stranger');

const FILE = new TextEncoder().encode('what is to be signed');
writeFileSync(join(folder, 'file'), FILE);

/** Signs a file by evmctl. */
function evmctlSign(path: string, signer: Signer, hash: string, ...options: readonly string[]): Uint8Array {
  const copy = join(folder, 'signed');
  writeFileSync(copy, readFileSync(path));
  runProgram('evmctl', [
    ...['ima_sign', '--sigfile', '-a', hash, '-k', signer.keyPath],
    ...['--keyid-from-cert', signer.certificatePath, ...options, copy],
  ]);
  return new Uint8Array(readFileSync(`${copy}.sig`));
}

/** Signs bytes by Node's OpenSSL and our own assembly. */
function ourSign(bytes: Uint8Array, signer: Signer, hash: HashName): Uint8Array {
  const signature = sign(hash, bytes, readFileSync(signer.keyPath));
  return buildImaXattr({ hash, keyId: findImaKeyId(parse(signer)), signature });
}

function parse(signer: Signer) {
  return parseCertificate(signer.der, nodeHashes);
}

function ring(name: ImaKeyring['name'], ...signers: readonly Signer[]): ImaKeyring {
  return { name, certificates: signers.map(parse) };
}

function verify(xattr: Uint8Array, ...keyrings: readonly ImaKeyring[]) {
  return verifierOf(keyrings).verifyXattr(FILE, xattr);
}

function verifierOf(keyrings: readonly ImaKeyring[]): ImaVerifier {
  return new ImaVerifier({ keyrings, blacklist: EMPTY_BLACKLIST, hashes: nodeHashes });
}

describe('ImaVerifier.verifyXattr()', () => {
  it.each([
    ['rsa', rsa, 'sha1'],
    ['rsa', rsa, 'sha224'],
    ['rsa', rsa, 'sha256'],
    ['rsa', rsa, 'sha384'],
    ['rsa', rsa, 'sha512'],
    ['ec', ec, 'sha256'],
    ['ec', ec, 'sha512'],
  ])("verifies evmctl's signatures by %s and %s", (_, signer, hash) => {
    const xattr = evmctlSign(join(folder, 'file'), signer, hash);
    const verdict = verify(xattr, ring('ima', stranger, signer), ring('platform'));
    expect(verdict).toMatchObject({ keyring: 'ima', hash });
    expect(verdict.signer?.der).toEqual(signer.der);
    expect(Buffer.from(verdict.digest)).toEqual(createHash(hash).update(FILE).digest());
  });

  it.each([
    ['rsa', rsa, 'sha256'],
    ['ec', ec, 'sha384'],
  ] as const)('agrees with evmctl on what we assemble, by %s', (_, signer, hash) => {
    const xattr = ourSign(FILE, signer, hash);
    writeFileSync(join(folder, 'file.sig'), xattr);
    writeFileSync(join(folder, 'signer.der'), signer.der);
    const verified = (path: string) =>
      runProgram('evmctl', ['ima_verify', '--sigfile', '-k', join(folder, 'signer.der'), path]);
    expect(() => verified(join(folder, 'file'))).not.toThrow();
    writeFileSync(join(folder, 'other'), 'something else');
    writeFileSync(join(folder, 'other.sig'), xattr);
    expect(() => verified(join(folder, 'other'))).toThrow('verification failed');
    expect(verify(xattr, ring('ima', signer)).hash).toBe(hash);
  });

  it('verifies a whole kernel, and refuses it with a bit flipped', () => {
    const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
    const xattr = evmctlSign(corpus.cloudKernel(), rsa, 'sha256');
    const keyrings = [ring('ima', rsa)];
    expect(verifierOf(keyrings).verifyXattr(kernel, xattr).keyring).toBe('ima');
    kernel[kernel.length - 1] = (kernel.at(-1) ?? 0) ^ 1;
    expect(catchRefusal(() => verifierOf(keyrings).verifyXattr(kernel, xattr))).toMatchObject({
      check: 'public-key',
      errno: 'EKEYREJECTED',
    });
  });

  it('accepts SHA-3, which evmctl does not have', () => {
    expect(verify(ourSign(FILE, ec, 'sha3-256'), ring('ima', ec)).hash).toBe('sha3-256');
    expect(verify(ourSign(FILE, rsa, 'sha3-512'), ring('ima', rsa)).hash).toBe('sha3-512');
  });

  it('searches one keyring after another, and reports the last refusal', () => {
    const xattr = ourSign(FILE, ec, 'sha256');
    expect(verify(xattr, ring('ima', rsa), ring('platform', ec)).keyring).toBe('platform');
    expect(catchRefusal(() => verify(xattr, ring('ima', rsa), ring('platform', stranger)))).toMatchObject({
      check: 'ima-signature',
      errno: 'ENOKEY',
      seen: expect.stringMatching(/\.ima has no key .*; .*\.platform has no key/),
    });
    // By a key that is known to .ima, of something else: .platform, which does not know it, has the last word.
    const other = ourSign(new Uint8Array(1), ec, 'sha256');
    expect(catchRefusal(() => verify(other, ring('ima', ec)))?.errno).toBe('EKEYREJECTED');
    expect(catchRefusal(() => verify(other, ring('ima', ec), ring('platform')))?.errno).toBe('ENOKEY');
    expect(catchRefusal(() => verify(xattr))?.errno).toBe('ENOKEY');
  });

  it('finds a certificate without subject key identifier by the end of its issuer', () => {
    const bare = makeSigner(folder, 'issuer-ends-in-name', { extensions: [] });
    expect(parse(bare).skid).toBeUndefined();
    expect(findImaKeyId(parse(bare))).toBe(Buffer.from('name').readUInt32BE());
    expect(verify(ourSign(FILE, bare, 'sha256'), ring('ima', bare)).keyring).toBe('ima');
  });

  const signature = parseImaXattr(ourSign(FILE, ec, 'sha256'));
  if (signature.kind !== 'signature') throw new Error('no signature');

  it.each<[string, string, Uint8Array]>([
    ['a digest alone', 'EINVAL', Uint8Array.of(4, 4, ...createHash('sha256').update(FILE).digest())],
    ['an old digest alone', 'EINVAL', Uint8Array.of(1, ...createHash('sha1').update(FILE).digest())],
    ['an HMAC', 'EINVAL', Uint8Array.of(2, 1)],
    ['a signature over a digest of fs-verity', 'EINVAL', Uint8Array.of(6, 3, 4, ...new Uint8Array(20))],
    ['a type alone', 'EINVAL', Uint8Array.of(3)],
    ['version 3', 'EINVAL', Uint8Array.of(3, 3, 4, ...new Uint8Array(20))],
    ['version 0', 'EOPNOTSUPP', Uint8Array.of(3, 0)],
    ['version 1', 'EAGAIN', Uint8Array.of(3, 1, ...new Uint8Array(17))],
    ['version 1, cut short', 'EINVAL', Uint8Array.of(3, 1, ...new Uint8Array(16))],
    ['version 1, not by RSA', 'ENOTSUPP', Uint8Array.of(3, 1, 0, 0, 0, 0, 1, ...new Uint8Array(12))],
    ['a digest by MD4', 'ENOENT', buildImaXattr({ ...signature, hash: 'md4' })],
    ['a digest by Streebog', 'ENOENT', buildImaXattr({ ...signature, hash: 'streebog256' })],
    ['another key id', 'ENOKEY', buildImaXattr({ ...signature, keyId: 0 })],
  ])('refuses %s with %s', (_, errno, xattr) => {
    expect(catchRefusal(() => verify(xattr, ring('ima', ec)))).toMatchObject({
      check: 'ima-signature',
      errno,
    });
  });

  it('refuses evmctl’s old signatures, whose keys are no certificates', () => {
    const xattr = evmctlSign(join(folder, 'file'), rsa, 'sha1', '--rsa');
    expect(Array.from(xattr.subarray(0, 2))).toEqual([3, 1]);
    expect(catchRefusal(() => verify(xattr, ring('ima', rsa)))).toMatchObject({ errno: 'EAGAIN' });
  });

  // An ECDSA signature is BER, of which the kernel lets some bits be either way; nothing of RSA's can be.
  it('refuses every signature by RSA with a bit flipped', () => {
    const xattr = ourSign(FILE, rsa, 'sha256');
    const errnos = new Set<string>();
    for (const changed of flipEachBit(xattr, xattr.length)) {
      errnos.add(catchRefusal(() => verify(changed, ring('ima', rsa)))?.errno ?? 'none');
    }
    expect([...errnos].sort()).toEqual(['EBADMSG', 'EINVAL', 'ENOENT', 'ENOKEY', 'ENOPKG', 'EOPNOTSUPP']);
  });
});

describe('listImaKeyrings()', () => {
  const source = (signer: Signer, keyring: 'builtin' | 'secondary' | 'machine' | 'platform' | 'ima') => ({
    name: signer.certificatePath,
    keyring,
    file: parseKeyringFile(signer.der),
  });
  const names = (...sources: readonly ReturnType<typeof source>[]) =>
    listImaKeyrings(buildTrustStore(sources, nodeHashes)).map(({ name, certificates }) => [
      name,
      certificates.map(({ subjectText }) => subjectText),
    ]);

  it('uses all keyrings but platform as .ima unless .ima is given, and platform if it is not empty', () => {
    expect(names(source(rsa, 'builtin'), source(ec, 'machine'), source(stranger, 'platform'))).toEqual([
      ['ima', ['rsa-signer', 'ec-signer']],
      ['platform', ['stranger']],
    ]);
    expect(names(source(rsa, 'builtin'), source(ec, 'ima'))).toEqual([['ima', ['ec-signer']]]);
  });
});
