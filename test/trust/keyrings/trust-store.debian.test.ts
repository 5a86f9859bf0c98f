import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import type { KeyringName } from '../../../src/trust/keyrings/keyring.js';
import { type KeyringFile, parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore, type TrustSource } from '../../../src/trust/keyrings/trust-store.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { catchRefusal } from '../../support/hostile.js';
import { makeSigner, readTbsDigest } from '../../support/openssl.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ca = makeSigner(folder, 'ca', { key: 'rsa' });
const issued = makeSigner(folder, 'issued', { issuer: ca });

function source(name: string, keyring: KeyringName, file: KeyringFile): TrustSource {
  return { name, keyring, file };
}

function dbx(hash: string): KeyringFile {
  const data = Buffer.concat([Buffer.from(hash, 'hex'), Buffer.alloc(16)]);
  return parseKeyringFile(buildEfiLists({ type: EFI_TYPE.x509Sha256, signatures: [{ data }] }), 'revoke');
}

function namesByKeyring(sources: readonly TrustSource[]) {
  const { keyrings, ima } = buildTrustStore(sources, nodeHashes);
  const names = [...keyrings, { name: 'ima', certificates: ima }].map(
    ({ name, certificates }) => [name, certificates.map(({ subjectText }) => subjectText)] as const,
  );
  return Object.fromEntries(names);
}

describe('buildTrustStore', () => {
  it('puts certificates into the given keyrings, self-signed or not', () => {
    const sources = (['builtin', 'secondary', 'machine', 'platform', 'ima'] as const).map((keyring, index) =>
      source('a file', keyring, parseKeyringFile(index % 2 === 0 ? ca.der : issued.der)),
    );
    expect(namesByKeyring(sources)).toEqual({
      builtin: ['ca'],
      secondary: ['issued'],
      machine: ['ca'],
      platform: ['issued'],
      ima: ['ca'],
    });
  });

  it('has all keyrings, in the order in which the kernel searches them', () => {
    const { keyrings, blacklist, ima, skipped } = buildTrustStore([], nodeHashes);
    expect(keyrings).toEqual(
      ['builtin', 'secondary', 'machine', 'platform'].map((name) => ({ name, certificates: [] })),
    );
    expect({ blacklist, ima, skipped }).toEqual({
      blacklist: { certificates: [], certificateHashes: [], kernelCertificateHashes: [], fileHashes: [] },
      ima: [],
      skipped: [],
    });
  });

  it('contains a certificate once, from however many files', () => {
    const both = parseKeyringFile(new Uint8Array(Buffer.concat([ca.der, issued.der, ca.der])));
    const sources = [source('one', 'builtin', both), source('two', 'builtin', parseKeyringFile(issued.der))];
    expect(namesByKeyring(sources).builtin).toEqual(['ca', 'issued']);
  });

  it('keeps revoked certificates and digests in the blacklist, each once', () => {
    const revoked = parseKeyringFile(issued.der, 'revoke');
    const hash = readTbsDigest(issued, 'sha256');
    const sources = [revoked, revoked, dbx(hash), dbx(hash)].map((file) => source('dbx', 'platform', file));
    const { blacklist, keyrings } = buildTrustStore(sources, nodeHashes);
    expect(blacklist.certificates.map(({ subjectText }) => subjectText)).toEqual(['issued']);
    expect(blacklist.certificateHashes).toEqual([hash]);
    expect(keyrings.flatMap(({ certificates }) => certificates)).toEqual([]);
  });

  it('skips a certificate whose digest is in a dbx, for any order of the files', () => {
    const trusted = parseKeyringFile(new Uint8Array(Buffer.concat([ca.der, issued.der])));
    const sources = [
      source('certificates', 'machine', trusted),
      source('dbx', 'platform', dbx(readTbsDigest(ca, 'sha256'))),
    ];
    expect(namesByKeyring(sources).machine).toEqual(['issued']);
    const { skipped } = buildTrustStore(sources.reverse(), nodeHashes);
    expect(
      skipped.map(({ certificate, ...rest }) => ({ ...rest, subject: certificate.subjectText })),
    ).toEqual([{ source: 'certificates', keyring: 'machine', subject: 'ca' }]);
  });

  it('names the file and the certificate that cannot be parsed', () => {
    const broken = new Uint8Array(ca.der);
    // The version's tag: the third element, within the TBSCertificate.
    broken[8] = 0x05;
    const file = parseKeyringFile(new Uint8Array(Buffer.concat([ca.der, broken])));
    const refusal = catchRefusal(() => buildTrustStore([source('keys/db.der', 'builtin', file)], nodeHashes));
    expect(refusal).toMatchObject({ check: 'ber', errno: 'EBADMSG' });
    expect(refusal?.message).toMatch(/^keys\/db\.der: certificate 2: /);
  });

  it('refuses a certificate that contradicts its own signature', () => {
    const forged = new Uint8Array(ca.der);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const refusal = catchRefusal(() =>
      buildTrustStore([source('forged.der', 'builtin', parseKeyringFile(forged))], nodeHashes),
    );
    expect(refusal?.check).toBe('public-key');
    expect(refusal?.message).toContain('forged.der: certificate 1: ');
  });
});
