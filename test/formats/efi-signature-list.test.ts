import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EFI_SIGNATURE_TYPES,
  isEfiSignatureList,
  parseEfiSignatureLists,
} from '../../src/formats/efi-signature-list.js';
import { buildEfiLists, EFI_TYPE, type EfiListParts } from '../support/efi.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);

describe('parseEfiSignatureLists', () => {
  it('returns what was put in, sharing memory', () => {
    const guid = fc.uuid();
    const list: fc.Arbitrary<EfiListParts> = fc.integer({ min: 0, max: 40 }).chain((size) =>
      fc.record({
        type: fc.oneof(guid, fc.constantFrom(...EFI_SIGNATURE_TYPES.keys())),
        header: fc.uint8Array({ maxLength: 5 }),
        signatures: fc.array(
          fc.record({ owner: guid, data: fc.uint8Array({ minLength: size, maxLength: size }) }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
        const file = buildEfiLists(...lists);
        const parsed = parseEfiSignatureLists(file);
        expect(parsed).toEqual(lists.map(({ type, signatures }) => ({ type, signatures })));
        for (const { signatures } of parsed) {
          for (const { data } of signatures) expect(data.buffer).toBe(file.buffer);
        }
      }),
    );
  });

  const one: EfiListParts = { type: EFI_TYPE.sha256, signatures: [{ data: bytes(32) }] };

  it.each<[string, Uint8Array]>([
    ['a header cut short', buildEfiLists(one).subarray(0, 27)],
    ['a list cut short', buildEfiLists(one).subarray(0, -1)],
    ['a second list cut short', buildEfiLists(one, one).subarray(0, -1)],
    ['bytes behind the lists', Buffer.concat([buildEfiLists(one), bytes(1)])],
    ['a list of 4 GiB', buildEfiLists({ ...one, sizes: { list: 0xffff_ffff } })],
    ['a list shorter than its header', buildEfiLists({ ...one, sizes: { list: 27 } })],
    ['a list of length 0', buildEfiLists({ ...one, sizes: { list: 0 } })],
    ['a list header of 4 GiB', buildEfiLists({ ...one, sizes: { header: 0xffff_ffff } })],
    ['a list header that leaves no signature', buildEfiLists({ ...one, sizes: { header: 48 } })],
    ['a list without signatures', buildEfiLists({ ...one, signatures: [] })],
    ['signatures of size 0', buildEfiLists({ ...one, sizes: { signature: 0 } })],
    ['signatures shorter than an owner', buildEfiLists({ ...one, sizes: { signature: 15 } })],
    ['signatures of 4 GiB', buildEfiLists({ ...one, sizes: { signature: 0xffff_ffff } })],
    ['part of a signature', buildEfiLists({ ...one, sizes: { signature: 47 } })],
    [
      'more than 16384 signatures',
      buildEfiLists({
        type: EFI_TYPE.sha256,
        signatures: Array.from({ length: 16385 }, () => ({ data: bytes(0) })),
      }),
    ],
  ])('refuses %s', (_, file) => {
    expect(catchRefusal(() => parseEfiSignatureLists(file))).toMatchObject({
      check: 'efi-signature-list',
      errno: 'EBADMSG',
    });
  });

  it('returns a value or refuses with any bit flipped, or cut anywhere', () => {
    const file = buildEfiLists(one, { ...one, header: bytes(4) });
    const outcomes = new Set<string>();
    for (const changed of flipEachBit(file, file.length)) {
      outcomes.add(catchRefusal(() => parseEfiSignatureLists(changed))?.check ?? 'value');
    }
    expect([...outcomes].sort()).toEqual(['efi-signature-list', 'value']);
    for (let length = 1; length < file.length; length += 1) {
      const refusal = catchRefusal(() => parseEfiSignatureLists(file.subarray(0, length)));
      expect(refusal?.check, `${length} bytes`).toBe(length === 76 ? undefined : 'efi-signature-list');
    }
  });
});

describe('isEfiSignatureList', () => {
  const unknown = { type: '01234567-89ab-cdef-0123-456789abcdef', signatures: [{ data: bytes(3) }] };

  it('recognises a list by its type, even if its sizes are wrong', () => {
    const file = buildEfiLists({ type: EFI_TYPE.x509, signatures: [], sizes: { list: 0 } });
    expect(isEfiSignatureList(file, 0)).toBe(true);
    expect(isEfiSignatureList(Buffer.concat([bytes(4), file]), 4)).toBe(true);
  });

  it('recognises a list of unknown type by its sizes', () => {
    expect(isEfiSignatureList(buildEfiLists(unknown), 0)).toBe(true);
    expect(isEfiSignatureList(buildEfiLists({ ...unknown, sizes: { list: 1000 } }), 0)).toBe(false);
    expect(isEfiSignatureList(buildEfiLists(unknown).subarray(0, 27), 0)).toBe(false);
  });
});
