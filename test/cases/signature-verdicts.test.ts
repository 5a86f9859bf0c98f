/** The verdict on a signature names the cause: who signed, who is trusted, and what is missing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import type { KeyringName } from '../../src/trust/keyrings/keyring.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import { verify } from '../../src/trust/verify-signature.js';
import { ATTRIBUTE_OIDS, attribute, signedFile } from '../conformance/authenticode.js';
import { type Identity, issue, issueSelfSigned } from '../conformance/certificates.js';
import {
  ca,
  ecKey,
  intermediate,
  leaf,
  rsaKey,
  secondSigner,
  signer,
  stranger,
  strangeSigner,
} from '../conformance/identities.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { utcTime } from '../support/der.js';

const CASE = 'test/cases/field/01-verify-nobody-is-trusted';

type Trusted = Partial<Record<KeyringName, readonly Identity[]>>;

function verdictOn(file: Uint8Array, trusted: Trusted) {
  const sources = Object.entries(trusted).flatMap(([keyring, identities]) =>
    identities.map(({ certificate }) => ({
      name: 'a.der',
      keyring: keyring as KeyringName,
      file: parseKeyringFile(certificate.der),
    })),
  );
  return verify(file, { trust: buildTrustStore(sources, nodeHashes), hashes: nodeHashes });
}

const withTime = (time: string) => (ordinary: readonly Uint8Array[]) => [
  ...ordinary,
  attribute(ATTRIBUTE_OIDS.signingTime, utcTime(time)),
];

describe('field/01: a signature by one key, verified against another', () => {
  it('names the signer and the one trusted certificate', () => {
    const { status, stderr } = runCli('verify', `${CASE}/signed-by-a.efi`, '--cert', `${CASE}/b.pem`);
    expect(status).toBe(1);
    expect(stderr).toContain('refused: ENOKEY (trust): signed by signer-a, ');
    expect(stderr).toContain('the one trusted certificate is signer-b (builtin)');
    expect(stderr).not.toContain('no trusted certificate was given');
  });

  it('gives both in JSON', () => {
    const { stdout } = runCli('verify', `${CASE}/signed-by-a.efi`, '--cert', `${CASE}/b.pem`, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      errno: 'ENOKEY',
      check: 'trust',
      signers: ['signer-a'],
      trusted: [{ subject: 'signer-b', keyring: 'builtin' }],
    });
  });

  it.each(['secondary', 'machine', 'platform'])('whatever keyring has it: %s', (keyring) => {
    const { stderr } = runCli('verify', `${CASE}/signed-by-a.efi`, '--keyring', `${keyring}:${CASE}/b.pem`);
    expect(stderr).toContain(`the one trusted certificate is signer-b (${keyring})`);
  });

  it('plan says so, too', () => {
    const kernel = 'test/cases/attack/03-dbx-in-envelope/image.good';
    const { status, stderr } = runCli('plan', kernel, '--cert', `${CASE}/b.pem`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/signed by Good Vendor.*signer-b \(builtin\)/);
  });

  it('nothing trusted at all', () => {
    const { stderr } = runCli('verify', `${CASE}/signed-by-a.efi`);
    expect(stderr).toContain('signed by signer-a; no trusted certificate was given');
  });
});

describe('of its kind', () => {
  it('several certificates in several keyrings are all named', () => {
    const trusted = { builtin: [stranger()], platform: [strangeSigner()], machine: [secondSigner()] };
    const { errno, detail } = verdictOn(signedFile(), trusted);
    expect(errno).toBe('ENOKEY');
    expect(detail).toContain('signed by signer');
    for (const name of ['stranger (builtin)', 'second signer (machine)', 'strange signer (platform)'])
      expect(detail).toContain(name);
  });

  it('many trusted certificates are counted', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      issueSelfSigned(`root ${index}`, ecKey('x', 'p256')),
    );
    const { detail, trusted } = verdictOn(signedFile(), { builtin: many });
    expect(detail).toMatch(/root 3 \(builtin\), and 5 more$/);
    expect(trusted).toHaveLength(9);
  });

  it('an incomplete chain: the missing issuer is named', () => {
    const embedded = [leaf().certificate.der];
    const { errno, detail } = verdictOn(signedFile({ signer: leaf(), certificates: embedded }), {
      builtin: [ca()],
    });
    expect(errno).toBe('ENOKEY');
    expect(detail).toContain('signed by leaf, whose issuer, intermediate, is neither embedded nor trusted');
  });

  it('a complete chain to a root that is not trusted: the root is named', () => {
    const certificates = [leaf(), intermediate()].map(({ certificate }) => certificate.der);
    const { detail } = verdictOn(signedFile({ signer: leaf(), certificates }), { builtin: [stranger()] });
    expect(detail).toContain('signed by leaf, whose chain ends at intermediate: its issuer, ');
    expect(detail).toContain('is neither embedded nor trusted');
  });

  it('a trusted certificate of the same name, for another key', () => {
    const again = issueSelfSigned('stranger', rsaKey('another'), {
      fields: { serial: Uint8Array.of(2, 1, 7) },
    });
    const { errno, detail } = verdictOn(signedFile({ signer: stranger() }), { builtin: [again] });
    expect(errno).toBe('ENOKEY');
    expect(detail).toContain('a trusted certificate has this name, but another serial number or key');
  });

  it("a signer whose certificate is not embedded: its issuer's name", () => {
    const { detail, signers } = verdictOn(signedFile({ certificates: [] }), { builtin: [stranger()] });
    expect(detail).toMatch(
      /signed by a certificate by .*, which is not embedded; no trusted certificate has/,
    );
    expect(signers).toHaveLength(1);
  });

  it('several signers are all named', () => {
    const signers = [{ signer: signer() }, { signer: stranger() }];
    const certificates = signers.map((one) => one.signer.certificate.der);
    const verdict = verdictOn(signedFile({ signers, certificates }), { platform: [strangeSigner()] });
    expect(verdict).toMatchObject({ errno: 'ENOKEY', signers: ['signer', 'stranger'] });
    expect(verdict.detail).toMatch(/signed by signer, .*; signed by stranger, .*strange signer \(platform\)/);
  });

  it('a certificate that had expired when it signed: both dates, and the name', () => {
    const fields = { notBefore: utcTime('200101000000Z'), notAfter: utcTime('210101000000Z') };
    const old = issue('old signer', rsaKey('old'), ca(), { fields });
    const file = signedFile({ signer: old, attributes: withTime('260601000000Z') });
    expect(verdictOn(file, { builtin: [ca()] })).toMatchObject({
      errno: 'EKEYREJECTED',
      check: 'pkcs7-time',
      detail:
        'signed at 2026-06-01T00:00:00Z, while old signer is valid from 2020-01-01T00:00:00Z to 2021-01-01T00:00:00Z',
    });
  });

  it('an expired certificate, and one for another purpose, are trusted, as the kernel trusts them', () => {
    const fields = { notAfter: utcTime('260102000000Z'), extensions: [] };
    const expired = issueSelfSigned('expired', rsaKey('expired'), { fields });
    expect(verdictOn(signedFile({ signer: expired }), { builtin: [expired] })).toMatchObject({
      verdict: 'ok',
      signer: 'expired',
    });
  });

  it('a folder of keyrings: every keyring is named', () => {
    const folder = join(makeTemporaryFolder(), 'keys');
    mkdirSync(folder);
    writeFileSync(join(folder, 'one.der'), stranger().certificate.der);
    writeFileSync(join(folder, 'two.der'), strangeSigner().certificate.der);
    const { stderr } = runCli('verify', `${CASE}/signed-by-a.efi`, '--keyring', folder);
    expect(stderr).toContain('the trusted certificates are stranger (builtin), strange signer (builtin)');
  });
});
