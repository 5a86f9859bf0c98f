import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BerElement, type BerStep, decodeBer } from '../../src/formats/ber.js';
import { catchRefusal } from '../support/hostile.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;

/** What a grammar notes of the data. */
function notes(
  bytes: readonly number[],
  grammar: (note: (element: BerElement) => void) => BerStep,
): number[][] {
  const seen: number[][] = [];
  const note = ({ value }: BerElement): void => {
    seen.push(Array.from(value));
  };
  decodeBer(Uint8Array.from(bytes), grammar(note), 'test');
  return seen;
}

const integers = (note: (element: BerElement) => void): BerStep => ({
  match: SEQUENCE,
  repeated: true,
  body: [{ match: INTEGER, note }],
});

describe('decodeBer', () => {
  it.each([
    ['short lengths', [0x30, 6, 2, 1, 7, 2, 1, 8]],
    ['lengths that are longer than they need be', [0x30, 0x82, 0, 7, 2, 0x81, 1, 7, 2, 1, 8]],
    ['an indefinite length', [0x30, 0x80, 2, 1, 7, 2, 1, 8, 0, 0]],
    ['a primitive tag where a constructed one is wanted', [0x10, 6, 2, 1, 7, 2, 1, 8]],
    ['bytes behind the end', [0x30, 6, 2, 1, 7, 2, 1, 8, 0xff]],
  ])('takes %s', (_, bytes) => {
    expect(notes(bytes, integers)).toEqual([[7], [8]]);
  });

  it.each([
    ['nothing at all', []],
    ['an empty list', [0x30, 0]],
    ['a cut', [0x30, 6, 2, 1, 7, 2, 1]],
    ['another tag', [0x30, 3, 4, 1, 7]],
    ['a constructed tag where a primitive one is wanted', [0x30, 3, 0x22, 1, 7]],
    ['a tag of the long form', [0x30, 3, 0x1f, 1, 7]],
    ['a length of three octets', [0x30, 0x83, 0, 0, 3, 2, 1, 7]],
    ['a length that leaves its container', [0x30, 3, 2, 2, 7, 9]],
    ['an indefinite length of what is primitive', [0x30, 0x80, 2, 0x80, 7, 0, 0, 0, 0]],
    ['an indefinite length without an end', [0x30, 0x80, 2, 1, 7]],
  ])('refuses %s as malformed', (_, bytes) => {
    expect(() => notes(bytes, integers)).toThrow(expect.objectContaining({ check: 'ber', errno: 'EBADMSG' }));
  });

  it.each([
    ['of known length', [0x30, 3, 4, 1, 7]],
    ['of indefinite length', [0x30, 0x80, 4, 1, 7, 0, 0]],
  ])('refuses a list %s whose next element fits no step of its body', (_, bytes) => {
    const optional = { match: SEQUENCE, repeated: true, body: [{ match: INTEGER, optional: true }] };
    expect(() => notes(bytes, () => optional)).toThrow(
      expect.objectContaining({ check: 'ber', errno: 'EBADMSG' }),
    );
  });

  it('refuses more than 65535 bytes before reading them', () => {
    expect(() => decodeBer(new Uint8Array(65536), { match: 'any' }, 'test')).toThrow(
      expect.objectContaining({ check: 'ber', errno: 'EMSGSIZE' }),
    );
  });

  const choice = (note: (element: BerElement) => void): BerStep => ({
    match: SEQUENCE,
    body: [
      { match: INTEGER, note },
      { match: OCTET_STRING, optional: true, note },
      { match: 0x80, optional: true, alternative: true, note },
      { oneOf: true },
    ],
  });

  it('accepts one of several alternatives', () => {
    expect(notes([0x30, 6, 2, 1, 7, 4, 1, 8], choice)).toEqual([[7], [8]]);
    expect(notes([0x30, 6, 2, 1, 7, 0x80, 1, 8], choice)).toEqual([[7], [8]]);
    expect(() => notes([0x30, 6, 2, 1, 7, 0x81, 1, 8], choice)).toThrow(/none of the alternatives/);
  });

  it('accepts the end of a container in place of an alternative, as the kernel does', () => {
    expect(notes([0x30, 3, 2, 1, 7], choice)).toEqual([[7]]);
  });

  it('returns an element of indefinite length with its end of contents, as the kernel does', () => {
    const any = (note: (element: BerElement) => void): BerStep => ({ match: 'any', note });
    expect(notes([0x30, 0x80, 2, 1, 7, 0, 0], any)).toEqual([[2, 1, 7, 0, 0]]);
    expect(notes([0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0, 9], any)).toEqual([[0x30, 0x80, 0, 0, 0, 0]]);
  });

  it('reads or refuses anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const grammar of [integers(() => {}), choice(() => {}), { match: 'any' } as const]) {
          catchRefusal(() => decodeBer(bytes, grammar, 'test'));
        }
      }),
    );
  });
});
