import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlaps } from '../../src/base/range.js';
import { hex } from '../../src/base/u64.js';
import { findNode, getProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { readReg } from '../../src/formats/fdt/values.js';
import { getSegmentRange } from '../../src/kexec/kimage.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import type { DmCryptFacts } from '../../src/machine/dm-crypt-keys.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildCrashMachine, CRASH_REGION } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../support/load.js';
import { MIB } from '../support/machine.js';

const KEYS: DmCryptFacts = {
  keys: [
    { name: 'data', description: 'kdump:data' },
    { name: 'root', description: 'cryptsetup:root' },
  ],
  reuse: false,
};

function buildKeysMachine(dmCryptKeys: DmCryptFacts | undefined = KEYS): Machine {
  const kernel = { release: '7.3.4' };
  return buildCrashMachine(dmCryptKeys === undefined ? { kernel } : { kernel, dmCryptKeys });
}

function requestOf(options: LoadOptions = {}, more: Partial<LoadRequest> = {}): LoadRequest {
  return {
    kernel: buildImage({ imageSize: 4n * MIB }),
    initrd: new Uint8Array(5000),
    options: { type: 'crash', purgatory: false, call: 'file', ...options },
    random: countingRandom,
    ...more,
  };
}

const namesOf = ({ kimage }: ReturnType<typeof loadOrFail>) => kimage.segments.map(({ name }) => name);
const notesOf = ({ trail }: Pick<ReturnType<typeof loadOrFail>, 'trail'>) =>
  trail.filter(({ check, verdict }) => check === 'dm-crypt-keys' && verdict === 'note');

describe('a crash kernel on a machine with dm-crypt keys', () => {
  it('is given them in a segment after the ELF core header, in a property and in a reservation', () => {
    const loaded = loadOrFail(requestOf(), buildKeysMachine());
    expect(namesOf(loaded)).toEqual(['kernel', 'elfcorehdr', 'dmcryptkeys', 'initrd', 'dtb']);
    const keys = findSegment(loaded.kimage, 'dmcryptkeys');
    expect(keys.bytes.length).toBe(4 + 2 * 388);
    expect(Buffer.from(keys.bytes).readUInt32LE()).toBe(2);
    expect(Buffer.from(keys.bytes.subarray(8, 8 + 10)).toString()).toBe('kdump:data');

    const tree = parseFdt(findSegment(loaded.kimage, 'dtb').bytes);
    const chosen = findNode(tree.root, '/chosen');
    const property = chosen && getProperty(chosen, 'linux,dmcryptkeys');
    const range = { address: keys.mem, size: BigInt(keys.bytes.length) };
    expect(property && readReg(property, 2, 2)).toEqual([range]);
    expect(tree.reservations).toContainEqual(range);
  });

  it('has its other segments where they are without keys, and the plan says that the place of the keys is random', () => {
    const loaded = loadOrFail(requestOf(), buildKeysMachine());
    const without = loadOrFail(requestOf(), buildCrashMachine({ kernel: { release: '7.3.4' } }));
    const places = ({ kimage }: typeof loaded) =>
      kimage.segments
        .filter(({ name }) => name !== 'dmcryptkeys')
        .map(({ name, mem }) => `${name} ${hex(mem)}`);
    expect(places(loaded)).toEqual(places(without));
    expect(notesOf(loaded).map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^the kernel draws the place of the dm-crypt keys \(data, root\) at random/),
    ]);
  });

  it('makes room for them wherever the kernel put them', () => {
    const pages = (CRASH_REGION.end - CRASH_REGION.start) / 4096n;
    fc.assert(
      fc.property(fc.bigInt(0n, pages - 100n), (page) => {
        const dmCryptKeysAddress = CRASH_REGION.start + page * 4096n;
        const loaded = loadOrFail(requestOf({}, { dmCryptKeysAddress }), buildKeysMachine());
        const keys = findSegment(loaded.kimage, 'dmcryptkeys');
        expect(keys.mem).toBeGreaterThanOrEqual(dmCryptKeysAddress);
        const ranges = loaded.kimage.segments.map(getSegmentRange);
        expect(ranges.every((range) => contains(CRASH_REGION, range))).toBe(true);
        expect(ranges.every((a, i) => ranges.every((b, j) => i === j || !overlaps(a, b)))).toBe(true);
        expect(notesOf(loaded)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('is refused for a key without a description, with the errno of arm64, unless keys are used again', () => {
    const keys = [{ name: 'root' }];
    const { refusal } = expectRefusal(requestOf(), buildKeysMachine({ keys, reuse: false }));
    expect(refusal).toMatchObject({ check: 'dm-crypt-keys', errno: 'EADDRNOTAVAIL' });
    expect(refusal.seen).toContain('the dm-crypt key root has no description');
    expect(namesOf(loadOrFail(requestOf(), buildKeysMachine({ keys, reuse: true })))).toContain(
      'dmcryptkeys',
    );
  });

  it.each<[string, LoadOptions, string[]]>([
    ['kexec_load', { call: 'segments' }, [expect.stringMatching(/^kexec_load hands no dm-crypt keys/)]],
    ['a kernel that replaces the running one', { type: 'default' }, []],
    ['the rules of 6.12', { rules: '6.12' }, []],
  ])('gives none to %s', (_, options, notes) => {
    const loaded = loadOrFail(requestOf(options), buildKeysMachine());
    expect(namesOf(loaded)).not.toContain('dmcryptkeys');
    expect(notesOf(loaded).map(({ detail }) => detail)).toEqual(notes);
  });

  it('is given none if there are none', () => {
    expect(namesOf(loadOrFail(requestOf(), buildKeysMachine({ keys: [], reuse: false })))).not.toContain(
      'dmcryptkeys',
    );
  });
});
