import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPem, parsePemCertificates } from '../../src/formats/pem.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A block of PEM as RFC 7468 has it, in lines of 64 characters. */
function block(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

describe('parsePemCertificates', () => {
  it.each(['CERTIFICATE', 'X509 CERTIFICATE'])('accepts a block with the label %s', (label) => {
    expect(parsePemCertificates(ascii(block(label, ascii('bytes'))))).toEqual([ascii('bytes')]);
  });
  it('returns any bytes, with any text around and any line ends', () => {
    const text = fc.string().map((one) => one.replaceAll('-----', ''));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.uint8Array({ minLength: 1, maxLength: 200 })), { maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', ' \n'),
        (parts, newline) => {
          const file = parts.map(([before, bytes]) => `${before}\n${block('CERTIFICATE', bytes)}`).join('');
          const certificates = parsePemCertificates(ascii(file.replaceAll('\n', newline)));
          expect(certificates).toEqual(parts.map(([, bytes]) => bytes));
        },
      ),
    );
  });

  const certificate = block('CERTIFICATE', ascii('some bytes'));

  it.each([
    ['no END line', certificate.replace('END', 'DNE')],
    ['the END line of another label', certificate.replace('END CERT', 'END X509 CERT')],
    ['no bytes', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['a header', certificate.replace('\n', '\nName: value\n\n')],
    ['base64 that is cut short', certificate.replace('=\n', '\n')],
    ['a letter that is none of base64', certificate.replace('\nc', '\n$')],
    ['too much padding', '-----BEGIN CERTIFICATE-----\nA===\n-----END CERTIFICATE-----\n'],
    ['more characters than a certificate can have', block('CERTIFICATE', new Uint8Array(100_000))],
  ])('refuses a certificate with %s', (_, text) => {
    expect(catchRefusal(() => parsePemCertificates(ascii(text)))).toMatchObject({
      check: 'pem',
      errno: 'EBADMSG',
      offset: 0n,
    });
  });

  it('refuses a private key without an END line, so that nothing inside it counts as a certificate', () => {
    const text = `-----BEGIN PRIVATE KEY-----\n${certificate}`;
    expect(catchRefusal(() => parsePemCertificates(ascii(text)))).toMatchObject({ check: 'pem' });
  });

  it('returns a value or refuses with any bit flipped', () => {
    const outcomes = new Set<string>();
    for (const file of flipEachBit(ascii(certificate), certificate.length)) {
      outcomes.add(catchRefusal(() => parsePemCertificates(file))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual(['pem', 'value']);
  });

  it.each([
    ['nothing but BEGIN lines', '-----BEGIN CERTIFICATE-----\n'.repeat(150_000)],
    ['nothing but ends of lines', '\n'.repeat(1 << 22)],
    ['nothing but dashes', '-'.repeat(1 << 22)],
    ['a label without an end', `-----BEGIN ${'A'.repeat(1 << 22)}`],
    ['a line of blanks', `-----BEGIN CERTIFICATE-----${' '.repeat(1 << 22)}x`],
    ['very many keys', '-----BEGIN K-----\n-----END K-----\n'.repeat(120_000)],
  ])('ends with %s', (_, text) => {
    const refusal = catchRefusal(() => expect(parsePemCertificates(ascii(text))).toEqual([]));
    expect(refusal?.check ?? 'pem').toBe('pem');
  });
});

describe('isPem', () => {
  it('looks for a BEGIN line', () => {
    expect(isPem(ascii(`text\n${block('CERTIFICATE', ascii('a'))}`))).toBe(true);
    expect(isPem(ascii('see -----BEGIN CERTIFICATE-----\n'))).toBe(false);
    expect(isPem(new Uint8Array())).toBe(false);
  });
});
