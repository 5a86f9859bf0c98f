import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEfiSignatureLists } from '../../src/formats/efi-signature-list.js';
import { parsePe } from '../../src/formats/pe/parse.js';
import { parseVendorCert, VENDOR_CERT_SECTION } from '../../src/formats/vendor-cert.js';
import { corpus } from '../support/corpus.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';
import { changeNumber } from '../support/pe.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';

describe("Debian's shim", () => {
  const path = corpus.shim();
  const section = parsePe(readFileSync(path)).sections.find(({ name }) => name === VENDOR_CERT_SECTION);

  it('has the section as objcopy extracts it', () => {
    withTemporaryFolder((folder) => {
      const out = join(folder, 'section');
      runProgram('aarch64-linux-gnu-objcopy', ['-O', 'binary', '--only-section=.vendor_cert', path, out]);
      // The file pads the section; its size in memory is what counts to objcopy.
      const taken = readFileSync(out);
      expect(Buffer.from(section?.bytes ?? []).subarray(0, taken.length)).toEqual(taken);
    });
  });

  it("has Debian's CA, as openssl reads it", () => {
    const { authorized } = parseVendorCert(section?.bytes ?? new Uint8Array());
    const text = runProgram(
      'openssl',
      ['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'RFC2253'],
      {
        input: authorized,
      },
    );
    expect(text.trim()).toBe('subject=CN=Debian Secure Boot CA');
  });

  it('has a dbx of whole signature lists', () => {
    const { deauthorized } = parseVendorCert(section?.bytes ?? new Uint8Array());
    expect(parseEfiSignatureLists(deauthorized).length).toBeGreaterThan(50);
  });
});

describe('parseVendorCert', () => {
  const section = Uint8Array.from([
    ...[3, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 20, 0, 0, 0],
    ...[1, 2, 3, 0, 4, 5, 0, 0],
  ]);

  it('reads both parts, sharing their memory', () => {
    const { authorized, deauthorized } = parseVendorCert(section);
    expect(authorized).toEqual(Uint8Array.of(1, 2, 3));
    expect(deauthorized).toEqual(Uint8Array.of(4, 5));
    expect(authorized.buffer).toBe(section.buffer);
  });

  it('accepts a shim without a vendor', () => {
    expect(parseVendorCert(new Uint8Array(16))).toEqual({
      authorized: new Uint8Array(),
      deauthorized: new Uint8Array(),
    });
  });

  it.each<[string, Uint8Array]>([
    ['a table cut short', section.subarray(0, 15)],
    ['nothing', new Uint8Array()],
    ['a CA that leaves the section', changeNumber(section, 0, 9)],
    ['a CA of 4 GiB', changeNumber(section, 0, 0xffff_ffff)],
    ['a CA behind the section', changeNumber(section, 8, 0xffff_ffff)],
    ['a dbx that leaves the section', changeNumber(section, 4, 5)],
    ['a dbx behind the section', changeNumber(section, 12, 25)],
  ])('refuses %s', (_, changed) => {
    expect(catchRefusal(() => parseVendorCert(changed))).toMatchObject({
      check: 'vendor-cert',
      errno: 'EBADMSG',
    });
  });

  it('gives a value or a refusal with any bit of its table flipped', () => {
    const outcomes = new Set<string>();
    for (const changed of flipEachBit(section, 16)) {
      outcomes.add(catchRefusal(() => parseVendorCert(changed))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual(['value', 'vendor-cert']);
  });
});
