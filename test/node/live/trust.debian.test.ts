import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TrustOptions } from '../../../src/node/keys/keyrings.js';
import { liveTrust } from '../../../src/node/live/trust.js';
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

describe('liveTrust', () => {
  it("takes the machine's own variables where nobody is named", () => {
    const efiVariables = {
      db: variable(one.der),
      MokListRT: variable(two.der),
      dbx: variable(three.der),
      other: variable(three.der),
    };
    const { store, policy } = liveTrust({}, 'enforce', { efiVariables });
    expect(policy).toBe('enforce');
    expect(contentsOf(store)).toEqual({ platform: ['one'], machine: ['two'], revoked: ['three'] });
  });

  it('takes those that are named instead, but revokes what the machine revokes', () => {
    const efiVariables = { db: variable(two.der), MokListXRT: variable(three.der) };
    const { store } = liveTrust({ certs: [one.certificatePath] }, 'enforce', { efiVariables });
    expect(contentsOf(store)).toEqual({ builtin: ['one'], revoked: ['three'] });
  });

  it.each([
    [{}, {}],
    [{}, { efiVariables: { db: EMPTY, dbx: variable(one.der) } }],
    [{ dbx: [one.certificatePath] }, { efiVariables: {} }],
  ] as readonly [TrustOptions, object][])(
    'refuses to enforce where nobody is trusted: %j (%#)',
    (options, machine) => {
      expect(() => liveTrust(options, 'enforce', machine)).toThrow(
        expect.objectContaining({
          check: 'trust',
          errno: 'ENOKEY',
          seen: expect.stringMatching(/--cert nor --keyring was given.*--policy permissive/),
        }),
      );
    },
  );

  it.each(['permissive', 'as-kernel'] as const)('needs nobody who is trusted to be %s', (policy) => {
    expect(contentsOf(liveTrust({}, policy, {}).store)).toEqual({ revoked: [] });
  });

  it('names the variable that cannot be read', () => {
    const efiVariables = { MokListRT: Buffer.concat([variable(one.der), Uint8Array.of(1, 2, 3)]) };
    expect(() => liveTrust({}, 'permissive', { efiVariables })).toThrow(/the EFI variable MokListRT: /);
  });
});
