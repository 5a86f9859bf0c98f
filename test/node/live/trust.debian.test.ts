import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TrustOptions } from '../../../src/node/keys/keyrings.js';
import { readLiveTrust } from '../../../src/node/live/live-trust.js';
import type { TrustStore } from '../../../src/trust/keyrings/keyring.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { makeSigner } from '../../support/openssl.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const one = makeSigner(folder, 'one');
const two = makeSigner(folder, 'two');
const three = makeSigner(folder, 'three');

/** An EFI variable with a certificate, as efivarfs gives it. */
const variable = (der: Uint8Array): Uint8Array =>
  Buffer.concat([
    Uint8Array.of(6, 0, 0, 0),
    buildEfiLists({ type: EFI_TYPE.x509, signatures: [{ data: der }] }),
  ]);

const EMPTY = Uint8Array.of(6, 0, 0, 0);

function contentsOf({ keyrings, blacklist }: TrustStore) {
  const trusted = keyrings
    .filter(({ certificates }) => certificates.length > 0)
    .map(({ name, certificates }) => [name, certificates.map(({ subjectText }) => subjectText)]);
  return {
    ...Object.fromEntries(trusted),
    revoked: blacklist.certificates.map(({ subjectText }) => subjectText),
  };
}

describe('readLiveTrust', () => {
  it("uses the machine's EFI variables if no certificate is given", () => {
    const efiVariables = {
      db: variable(one.der),
      MokListRT: variable(two.der),
      dbx: variable(three.der),
      other: variable(three.der),
    };
    const { store, policy } = readLiveTrust({}, 'enforce', { efiVariables });
    expect(policy).toBe('enforce');
    expect(contentsOf(store)).toEqual({ platform: ['one'], machine: ['two'], revoked: ['three'] });
  });

  it('uses the given certificates instead, but still revokes what the machine revokes', () => {
    const efiVariables = { db: variable(two.der), MokListXRT: variable(three.der) };
    const { store } = readLiveTrust({ certs: [one.certificatePath] }, 'enforce', { efiVariables });
    expect(contentsOf(store)).toEqual({ builtin: ['one'], revoked: ['three'] });
  });

  it.each([
    [{}, {}],
    [{}, { efiVariables: { db: EMPTY, dbx: variable(one.der) } }],
    [{ dbx: [one.certificatePath] }, { efiVariables: {} }],
  ] as readonly [TrustOptions, object][])(
    'refuses enforce if no certificate is trusted: %j (%#)',
    (options, machine) => {
      expect(() => readLiveTrust(options, 'enforce', machine)).toThrow(
        expect.objectContaining({
          check: 'trust',
          errno: 'ENOKEY',
          seen: expect.stringMatching(/there is no --cert and no --keyring.*--policy permissive/),
        }),
      );
    },
  );

  it.each(['permissive', 'as-kernel'] as const)('needs no trusted certificate under %s', (policy) => {
    expect(contentsOf(readLiveTrust({}, policy, {}).store)).toEqual({ revoked: [] });
  });

  it('names a variable that is malformed', () => {
    const efiVariables = { MokListRT: Buffer.concat([variable(one.der), Uint8Array.of(1, 2, 3)]) };
    expect(() => readLiveTrust({}, 'permissive', { efiVariables })).toThrow(/the EFI variable MokListRT: /);
  });
});
