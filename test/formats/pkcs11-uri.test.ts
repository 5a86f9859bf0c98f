import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { isPkcs11Uri, parsePkcs11Uri } from '../../src/formats/pkcs11-uri.js';

describe('parsePkcs11Uri', () => {
  it('reads the attributes of a URI as p11tool prints it', () => {
    const uri =
      'pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=b1;token=u%3Bnit;id=%01%FF;object=k%c3%a9y';
    expect(parsePkcs11Uri(`${uri};type=private?pin-source=file:/run/pin&module-path=/usr/lib/a.so`)).toEqual({
      shown: `${uri};type=private`,
      token: { token: 'u;nit', manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: 'b1' },
      slotId: undefined,
      object: 'kéy',
      id: Uint8Array.of(1, 0xff),
      modulePath: '/usr/lib/a.so',
      moduleName: undefined,
      pinValue: undefined,
      pinSource: '/run/pin',
    });
  });

  it.each([
    ['file:pin', 'pin'],
    ['file:///run/pin', '/run/pin'],
    ['file://localhost/run/pin', '/run/pin'],
    ['pin%20file', 'pin file'],
  ])('pin-source=%s is the file %s', (source, path) => {
    expect(parsePkcs11Uri(`pkcs11:?pin-source=${source}`).pinSource).toBe(path);
  });

  it.each([
    ['pkcs11:objct=a', '"objct", which is none of token'],
    ['pkcs11:object', 'an attribute without a value'],
    ['pkcs11:object=a;object=b', '"object" more than once'],
    ['pkcs11:object=%0', 'a % without two hexadecimal digits'],
    ['pkcs11:type=cert', 'type=cert, which is no private key'],
    ['pkcs11:slot-id=x', 'a slot-id that is no decimal number'],
    ['pkcs11:?pin-source=|pass', 'a command as pin-source'],
    ['pkcs11:?object=a', '"object", which is none of module-path'],
  ])('refuses %s', (uri, seen) => {
    expect(() => parsePkcs11Uri(uri)).toThrow(
      expect.objectContaining({ errno: 'EINVAL', check: 'sign-token', seen: expect.stringContaining(seen) }),
    );
  });

  it('reads back any label, and never shows the PIN', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 6 }), (label, pin) => {
        const uri = `pkcs11:object=${encodeURIComponent(label)}?pin-value=${encodeURIComponent(pin)}`;
        const { object, pinValue, shown } = parsePkcs11Uri(uri);
        expect([object, pinValue, shown]).toEqual([label, pin, uri.slice(0, uri.indexOf('?'))]);
      }),
    );
  });

  it('ends in a value or a refusal for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const uri = `pkcs11:${text}`;
        expect(isPkcs11Uri(uri)).toBe(true);
        try {
          parsePkcs11Uri(uri);
        } catch (error) {
          expect(error).toBeInstanceOf(KexecError);
        }
      }),
    );
  });
});
