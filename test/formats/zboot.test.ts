import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isZboot, parseZboot } from '../../src/formats/zboot.js';
import { catchRefusal } from '../support/hostile.js';
import { buildZboot } from '../support/kernel-files.js';
import { changeNumber } from '../support/pe.js';

const PAYLOAD = Uint8Array.of(1, 2, 3, 4, 5);
const FILE = buildZboot(PAYLOAD, 'gzip', 100);

describe('parseZboot', () => {
  it('reads compression and payload', () => {
    expect(isZboot(FILE)).toBe(true);
    const { compression, payload, payloadOffset } = parseZboot(FILE);
    expect({ compression, payload: [...payload] }).toEqual({ compression: 'gzip', payload: [1, 2, 3, 4, 5] });
    expect(payloadOffset).toBe(0x1000);
  });

  it.each<[string, Uint8Array]>([
    ['a file cut short', FILE.subarray(0, 40)],
    ['no zimg', changeNumber(FILE, 4, 0)],
    ['a payload within the header', changeNumber(FILE, 8, 63)],
    ['a payload behind the file', changeNumber(FILE, 8, 0xffff_ffff)],
    ['a payload that leaves the file', changeNumber(FILE, 12, FILE.length)],
    ['a name without an end', Uint8Array.from(FILE).fill(0x61, 24, 56)],
  ])('refuses %s', (_, file) => {
    expect(catchRefusal(() => parseZboot(file))).toMatchObject({ check: 'zboot', errno: 'ENOEXEC' });
  });

  it('a thousand mutations of its header end in a value or a KexecError', () => {
    const change = fc.tuple(fc.nat({ max: 63 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const mutated = Uint8Array.from(FILE);
        for (const [at, value] of changes) mutated[at] = value;
        catchRefusal(() => parseZboot(mutated));
      }),
      { numRuns: 1000 },
    );
  });
});
