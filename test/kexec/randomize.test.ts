import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, type Range } from '../../src/base/range.js';
import { Trail } from '../../src/base/trail.js';
import { alignDown, alignUp, isAligned, U64_LIMIT } from '../../src/base/u64.js';
import { findNode, getProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { readU64 } from '../../src/formats/fdt/values.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { getSegmentRange, type Kimage } from '../../src/kexec/kimage.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import { checkSegments } from '../../src/kexec/sanity.js';
import { findFreeRanges } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { createSeededRandom } from '../../src/trust/seeded-random.js';
import { buildCrashMachine, CRASH_REGION } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../support/load.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const INITRD = new Uint8Array(300_000).fill(7);

const seeded = (seed: bigint, { options, ...more }: Partial<LoadRequest> = {}): LoadRequest => ({
  kernel: buildImage({ imageSize: 34n * MIB }),
  initrd: INITRD,
  random: countingRandom,
  options: { randomize: seed, ...options },
  ...more,
});

const places = ({ segments }: Kimage): string[] => segments.map(({ name, mem }) => `${name} ${mem}`);

/** What booting.rst asks of where things lie, and the kernel of segments. */
function expectLegal(kimage: Kimage, textOffset: bigint, free: readonly Range[], machine: Machine): void {
  checkSegments(kimage, machine, U64_LIMIT, new Trail());
  for (const segment of kimage.segments) {
    expect(free.some((one) => contains(one, getSegmentRange(segment)))).toBe(true);
  }
  const kernel = findSegment(kimage, 'kernel');
  expect(isAligned(kernel.mem - textOffset, 2n * MIB)).toBe(true);
  expect(kernel.mem + kernel.memsz).toBeLessThanOrEqual(1n << 48n);

  const dtb = findSegment(kimage, 'dtb');
  expect((dtb.mem + BigInt(dtb.bytes.length) - 1n) / (2n * MIB)).toBe(dtb.mem / (2n * MIB));

  const initrd = findSegment(kimage, 'initrd');
  const [low, high] = kernel.mem < initrd.mem ? [kernel, initrd] : [initrd, kernel];
  const window = alignUp(high.mem + high.memsz, GIB) - alignDown(low.mem, GIB);
  expect(window).toBeLessThanOrEqual(32n * GIB);
  const chosen = findNode(parseFdt(dtb.bytes).root, '/chosen');
  expect(readU64(getProperty(chosen ?? expect.fail(), 'linux,initrd-start') as Uint8Array)).toBe(initrd.mem);
}

describe('segments that are placed at random', () => {
  const memory = fc
    .array(fc.tuple(fc.nat({ max: 80 << 10 }), fc.integer({ min: 1, max: 40 << 10 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((pieces) => {
      let at = 0n;
      return pieces.map(([gap, size]) => {
        // In MiB, and some bytes: RAM does not begin on a page everywhere.
        const start = at + BigInt(gap) * MIB + 12n;
        at = start + BigInt(size) * MIB;
        return { start, end: at };
      });
    });

  it('lie where booting.rst permits, on any machine with room for them', () => {
    let placed = 0;
    const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(
        memory,
        memory,
        seeds,
        fc.constantFrom(0n, 0x8_0000n),
        (ram, reserved, seed, textOffset) => {
          const machine = buildMachine({ memory: ram, reserved });
          const kernel = buildImage({ imageSize: 20n * MIB, textOffset });
          const result = kexecFileLoad(seeded(seed, { kernel, hashes: nodeHashes }), machine);
          if ('refusal' in result) {
            const { refusal } = expectRefusal(
              seeded(seed, { kernel, options: { randomize: undefined } }),
              machine,
            );
            expect(result.refusal.check).toBe(refusal.check);
            return;
          }
          placed += 1;
          expectLegal(result.kimage, textOffset, findFreeRanges(machine), machine);
        },
      ),
      { numRuns: 150 },
    );
    expect(placed).toBeGreaterThan(50);
  });

  it('lie in the same places for the same seed and any SHA-256, and elsewhere for another seed', () => {
    const machine = buildMachine({ memory: [{ start: GIB, end: 9n * GIB }] });
    const at = (seed: bigint) => places(loadOrFail(seeded(seed), machine).kimage);
    expect(at(1n)).toEqual(at(1n));
    expect(createSeededRandom(1n, portableHashes)(100)).toEqual(createSeededRandom(1n, nodeHashes)(100));
    const portable = seeded(1n, { hashes: portableHashes });
    expect(places(loadOrFail(portable, machine).kimage)).toEqual(at(1n));

    const seeds = Array.from({ length: 64 }, (_, seed) => at(BigInt(seed)));
    for (const segment of [0, 1, 2, 3]) {
      expect(new Set(seeds.map((one) => one[segment])).size).toBeGreaterThan(60);
    }
  });

  it('are equally likely in every part of memory', () => {
    const machine = buildMachine();
    const random = createSeededRandom(0n, nodeHashes);
    const quarters = [0, 0, 0, 0];
    for (let load = 0; load < 400; load += 1) {
      const options = { randomize: true, purgatory: false } as const;
      const { kimage } = loadOrFail(seeded(0n, { options, random }), machine);
      const { mem } = findSegment(kimage, 'initrd');
      const quarter = Number((mem - GIB) / (GIB / 4n));
      quarters[quarter] = (quarters[quarter] ?? 0) + 1;
    }
    // 100 each, and six standard deviations of it.
    for (const count of quarters) expect(Math.abs(count - 100)).toBeLessThan(52);
  });

  it('are recorded with the entropy of their places in bits', () => {
    const machine = buildMachine();
    const { trail } = loadOrFail(seeded(3n), machine);
    const drawn = trail.filter(({ check }) => check === 'random-place');
    expect(drawn.map(({ detail }) => detail.split(' ')[0])).toEqual(['kernel', 'initrd', 'dtb', 'purgatory']);
    // 1 GiB in steps of 2 MiB, less what the kernel itself takes: 512 - 17 + 1 places.
    expect(drawn[0]).toMatchObject({ verdict: 'ok', entropyBits: Math.log2(496) });
    expect(drawn[0]?.detail).toContain('one of 496 places from 0x0 up: 9.0 bits');
    expect(drawn[1]?.entropyBits).toBeGreaterThan(17);
    expect(drawn[2]?.entropyBits).toBeGreaterThan(17);
  });

  it('do not take the seeds of the next kernel from their own', () => {
    const { kimage } = loadOrFail(seeded(1n), buildMachine());
    const chosen = findNode(parseFdt(findSegment(kimage, 'dtb').bytes).root, '/chosen');
    expect(getProperty(chosen ?? expect.fail(), 'rng-seed')).toEqual(countingRandom(128));
  });
});

describe('an Image that asks to lie near the start of RAM', () => {
  it('stays there, and nothing lies below it', () => {
    const kernel = buildImage({ imageSize: 34n * MIB, flags: 0x2n });
    const machine = buildMachine({ memory: [{ start: GIB, end: 3n * GIB }] });
    for (let seed = 0n; seed < 20n; seed += 1n) {
      const { kimage, trail } = loadOrFail(seeded(seed, { kernel }), machine);
      expect(findSegment(kimage, 'kernel').mem).toBe(GIB);
      expect(trail.find(({ detail }) => detail.startsWith('kernel at'))?.check).toBe('segment-hole');
      expectLegal(kimage, 0n, findFreeRanges(machine), machine);
    }
  });
});

describe('a crash kernel', () => {
  const machine = buildCrashMachine();

  it('lies at random within its region, with its ELF core header', () => {
    const kernels = new Set<bigint>();
    for (let seed = 0n; seed < 20n; seed += 1n) {
      const { kimage } = loadOrFail(seeded(seed, { options: { type: 'crash' } }), machine);
      expectLegal(kimage, 0n, [CRASH_REGION], machine);
      expect(isAligned(findSegment(kimage, 'elfcorehdr').mem, 65536n)).toBe(true);
      kernels.add(findSegment(kimage, 'kernel').mem);
    }
    expect(kernels.size).toBeGreaterThan(10);
  });
});

describe('with hardly any room', () => {
  it('places are drawn again until all have one', () => {
    const machine = buildMachine({ memory: [{ start: GIB, end: GIB + 40n * MIB }], totalRam: GIB });
    const said = Array.from({ length: 20 }, (_, seed) =>
      loadOrFail(seeded(BigInt(seed), { initrd: new Uint8Array(5 << 20) }), machine),
    );
    expect(said.some(({ trail }) => trail.some(({ detail }) => /^drawn \d+ times/.test(detail)))).toBe(true);
  });

  it("a segment without any place is refused, and none falls back to the kernel's place", () => {
    const machine = buildMachine({ memory: [{ start: GIB, end: GIB + 36n * MIB }], totalRam: GIB });
    const { refusal, trail } = expectRefusal(seeded(0n, { initrd: new Uint8Array(5 << 20) }), machine);
    expect(refusal).toMatchObject({ check: 'segment-hole', errno: 'EADDRNOTAVAIL' });
    expect(trail).toContainEqual(expect.objectContaining({ check: 'random-place', verdict: 'note' }));
  });
});
