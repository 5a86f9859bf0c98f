import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlaps } from '../../src/base/range.js';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import { getSegmentRange } from '../../src/kexec/kimage.js';
import { findFreeRanges } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildCrashMachine, CRASH_REGION } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../support/load.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const initrd = new Uint8Array(5000).fill(1);

/** Code, data, a page to write to, and the tables for what lies in two or three of these machines' 1 GiB blocks. */
const PURGATORY_SIZE = 0xf000n;

describe('kexecFileLoad', () => {
  it('places segments where the kernel does, and purgatory last', () => {
    const machine = buildMachine({ reserved: [{ start: GIB, end: GIB + 1n }] });
    const { kimage, trail } = loadOrFail(
      { kernel: buildImage(), initrd, options: { commandLine: 'quiet' }, random: countingRandom },
      machine,
    );
    expect(kimage.type).toBe('default');
    expect(kimage.segments.map(({ name, mem, memsz }) => [name, mem, memsz])).toEqual([
      ['kernel', GIB + 2n * MIB, 2n * MIB],
      ['initrd', GIB + 4n * MIB, 0x2000n],
      ['dtb', 2n * GIB - 2n * MIB, 0x1000n],
      ['purgatory', 2n * GIB - PURGATORY_SIZE, PURGATORY_SIZE],
    ]);
    expect(kimage.entry).toBeGreaterThan(2n * GIB - PURGATORY_SIZE);
    expect(trail.every(({ verdict }) => verdict !== 'refused')).toBe(true);
  });

  it('loads the given bytes unchanged', () => {
    const kernel = buildImage();
    const { kimage } = loadOrFail({ kernel, initrd }, buildMachine());
    expect(findSegment(kimage, 'kernel').bytes).toBe(kernel);
    expect(findSegment(kimage, 'initrd').bytes).toBe(initrd);
  });

  it('gives the same kimage for the same request and machine', () => {
    const request = {
      kernel: buildImage(),
      initrd,
      options: { commandLine: 'quiet' },
      random: countingRandom,
    };
    expect(loadOrFail(request, buildMachine())).toEqual(loadOrFail(request, buildMachine()));
  });

  it('puts the kernel text_offset bytes into the memory found for it', () => {
    const { kimage } = loadOrFail({ kernel: buildImage({ textOffset: 0x8_0000n }) }, buildMachine());
    expect(findSegment(kimage, 'kernel')).toMatchObject({ mem: GIB + 0x8_0000n, memsz: 2n * MIB });
    expect(findSegment(kimage, 'dtb').mem).toBe(2n * GIB - 2n * MIB);
  });

  it('keeps all segments within the window', () => {
    const window = { start: GIB + 64n * MIB, end: GIB + 128n * MIB };
    const { kimage } = loadOrFail({ kernel: buildImage(), initrd, options: { window } }, buildMachine());
    expect(kimage.segments.map(getSegmentRange).every((segment) => contains(window, segment))).toBe(true);
    expect(findSegment(kimage, 'kernel').mem).toBe(window.start);
    expect(findSegment(kimage, 'purgatory').mem).toBe(window.end - PURGATORY_SIZE);
  });

  it('enters the kernel itself where there is no purgatory, as the system call does', () => {
    const { kimage } = loadOrFail({ kernel: buildImage(), options: { purgatory: false } }, buildMachine());
    expect(kimage.segments.map(({ name }) => name)).toEqual(['kernel', 'dtb']);
    expect(kimage.entry).toBe(findSegment(kimage, 'kernel').mem);
  });

  it('enters at the requested address, and notes that', () => {
    const { kimage, trail } = loadOrFail(
      { kernel: buildImage(), options: { entry: 0x4242n } },
      buildMachine(),
    );
    expect(kimage.entry).toBe(0x4242n);
    expect(trail.find(({ check }) => check === 'entry')?.detail).toContain('0x4242, as requested');
  });

  it('moves the kernel up when the initrd finds no place above it', () => {
    // The kernel fits 40 GiB below the initrd, which must lie within 32 GiB of it.
    const machine = buildMachine({
      memory: [
        { start: GIB, end: GIB + 4n * MIB },
        { start: 41n * GIB, end: 42n * GIB },
      ],
    });
    const request = { kernel: buildImage(), initrd: new Uint8Array(3 * Number(MIB)) };
    const { kimage, trail } = loadOrFail(request, machine);
    expect(findSegment(kimage, 'kernel').mem).toBe(41n * GIB);
    const moved = trail.find(({ detail }) => detail.includes('searched again above'));
    expect(moved?.holes?.map(({ why }) => why)).toEqual(['no place in the window', 'outside the window']);

    const { refusal } = expectRefusal({ ...request, options: { rules: 'v3' } }, machine);
    expect(refusal).toMatchObject({ check: 'segment-hole', errno: 'EADDRNOTAVAIL' });
  });

  it('keeps the initrd within 32 GiB of the kernel, with the rules of v3 within 31', () => {
    const machine = buildMachine({
      memory: [
        { start: GIB, end: GIB + 4n * MIB },
        { start: 32n * GIB + 512n * MIB, end: 33n * GIB },
      ],
    });
    const request = { kernel: buildImage(), initrd: new Uint8Array(3 * Number(MIB)) };
    expect(findSegment(loadOrFail(request, machine).kimage, 'initrd').mem).toBe(32n * GIB + 512n * MIB);
    expect(expectRefusal({ ...request, options: { rules: 'v3' } }, machine).refusal.seen).toContain(
      'no hole for initrd',
    );
  });

  it('keeps NUMA nodes apart: no segment spans two regions of RAM that touch', () => {
    const machine = buildMachine({
      memory: [
        { start: GIB, end: GIB + 3n * MIB },
        { start: GIB + 3n * MIB, end: 2n * GIB },
      ],
    });
    const { kimage } = loadOrFail({ kernel: buildImage({ imageSize: 4n * MIB }) }, machine);
    expect(findSegment(kimage, 'kernel').mem).toBe(GIB + 4n * MIB);
  });

  it('loads a crash kernel into the crash region alone, with the ELF core header of the machine', () => {
    const machine = buildCrashMachine();
    const { kimage, trail } = loadOrFail(
      { kernel: buildImage(), initrd, options: { type: 'crash' } },
      machine,
    );
    expect(kimage.segments.map(({ name, mem }) => [name, mem])).toEqual([
      ['kernel', CRASH_REGION.start],
      ['elfcorehdr', CRASH_REGION.end - 0x1_0000n],
      ['initrd', CRASH_REGION.start + 2n * MIB],
      ['dtb', CRASH_REGION.end - 2n * MIB],
      ['purgatory', CRASH_REGION.end - PURGATORY_SIZE],
    ]);
    expect(findSegment(kimage, 'elfcorehdr').bytes).toEqual(buildElfcorehdr(machine));
    const told = trail.find(({ check }) => check === 'elfcorehdr');
    expect(told).toMatchObject({ verdict: 'ok', detail: expect.stringContaining('3 notes, 3 ranges') });
  });

  it('notes CPUs whose notes will be missing', () => {
    const request = { kernel: buildImage(), options: { type: 'crash' } } as const;
    const notes = (possible: number) =>
      loadOrFail(request, buildCrashMachine({ possibleCpus: possible })).trail.filter(
        ({ check, verdict }) => check === 'elfcorehdr' && verdict === 'note',
      );
    expect(notes(2)).toEqual([]);
    expect(notes(4).map(({ detail }) => detail)).toEqual([
      'there may be 4 CPUs; the place of the notes is known for 2',
    ]);
  });

  it('uses the given ELF core header', () => {
    const elfcorehdr = buildElfcorehdr(buildCrashMachine({ memory: [{ start: 0n, end: GIB }] }));
    const request = { kernel: buildImage(), elfcorehdr, options: { type: 'crash' } } as const;
    const { kimage, trail } = loadOrFail(request, buildCrashMachine());
    expect(findSegment(kimage, 'elfcorehdr').bytes).toBe(elfcorehdr);
    expect(trail.find(({ check }) => check === 'elfcorehdr')?.detail).toContain('as given');
  });

  it('enters a crash kernel within the crash region, or not at all', () => {
    const request = (entry: bigint) => ({ kernel: buildImage(), options: { type: 'crash', entry } }) as const;
    const { start, end } = CRASH_REGION;
    expect(loadOrFail(request(end - 4n), buildCrashMachine()).kimage.entry).toBe(end - 4n);
    for (const entry of [start - 4n, end]) {
      const { refusal } = expectRefusal(request(entry), buildCrashMachine());
      expect(refusal).toMatchObject({ check: 'segment-crash', errno: 'EADDRNOTAVAIL' });
    }
  });

  it.each([
    ['whose crash facts are not known', { crash: undefined }, {}, 'elfcorehdr', 'EINVAL'],
    ['with no crash region', { crashRegion: undefined }, {}, 'crash-region', 'EADDRNOTAVAIL'],
    [
      'whose crash region is too small',
      {},
      { initrd: new Uint8Array(257 << 20) },
      'segment-hole',
      'EADDRNOTAVAIL',
    ],
    ['with an ELF core header that is none', {}, { elfcorehdr: new Uint8Array(4096) }, 'elf-core', 'EINVAL'],
  ] as const)('refuses a crash kernel for a machine %s', (_, facts, more, check, errno) => {
    const machine = { ...buildCrashMachine(), ...facts } as Machine;
    const { refusal } = expectRefusal({ kernel: buildImage(), options: { type: 'crash' }, ...more }, machine);
    expect(refusal).toMatchObject({ check, errno });
  });

  it.each([
    ['an empty kernel', { kernel: new Uint8Array(0) }, 'file-size', 'EINVAL'],
    ['a kernel of 63 bytes', { kernel: buildImage().subarray(0, 63) }, 'image-header', 'EINVAL'],
    ['a kernel of zeros', { kernel: new Uint8Array(4096) }, 'image-magic', 'EINVAL'],
    ['an empty initrd', { kernel: buildImage(), initrd: new Uint8Array(0) }, 'file-size', 'EINVAL'],
    ['image_size 0', { kernel: buildImage({ imageSize: 0n }) }, 'image-size', 'EINVAL'],
    ['image_size 2^64 - 1', { kernel: buildImage({ imageSize: 2n ** 64n - 1n }) }, 'image-span', 'EINVAL'],
    [
      'text_offset 2^64 - 1',
      { kernel: buildImage({ imageSize: 1n, textOffset: 2n ** 64n - 1n }) },
      'image-span',
      'EADDRNOTAVAIL',
    ],
    [
      'image_size 2^64 - 4 MiB',
      { kernel: buildImage({ imageSize: 2n ** 64n - 4n * MIB }) },
      'segment-hole',
      'EADDRNOTAVAIL',
    ],
    ['image_size 2^63', { kernel: buildImage({ imageSize: 2n ** 63n }) }, 'segment-hole', 'EADDRNOTAVAIL'],
    [
      'more bytes than image_size',
      { kernel: buildImage({ imageSize: 1n, length: 4097 }) },
      'segment-bytes',
      'EINVAL',
    ],
    [
      'text_offset off the pages',
      { kernel: buildImage({ textOffset: 1n }) },
      'segment-page',
      'EADDRNOTAVAIL',
    ],
    ['a big-endian Image', { kernel: buildImage({ flags: 0xbn }) }, 'image-endianness', 'EINVAL'],
    ['16K pages', { kernel: buildImage({ flags: 0xcn }) }, 'image-granule', 'EINVAL'],
    ['more than half of RAM', { kernel: buildImage({ imageSize: 513n * MIB }) }, 'segment-total', 'EINVAL'],
    [
      '2048 bytes of command line',
      { kernel: buildImage(), options: { commandLine: 'a'.repeat(2048) } },
      'command-line',
      'EINVAL',
    ],
    [
      'a NUL in the command line',
      { kernel: buildImage(), options: { commandLine: 'a\0b' } },
      'command-line',
      'EINVAL',
    ],
  ] as const)('refuses %s', (_, request, check, errno) => {
    expect(expectRefusal(request, buildMachine()).refusal).toMatchObject({ check, errno });
  });

  it('takes 2047 bytes of command line', () => {
    expect(
      loadOrFail({ kernel: buildImage(), options: { commandLine: 'a'.repeat(2047) } }, buildMachine()).kimage
        .type,
    ).toBe('default');
  });

  it('allows half of the RAM, to the page', () => {
    const machine = buildMachine({ totalRam: 64n * MIB });
    const dtb = findSegment(
      loadOrFail({ kernel: buildImage(), options: { purgatory: false } }, machine).kimage,
      'dtb',
    );
    const imageSize = 32n * MIB - dtb.memsz;
    const load = (size: bigint) => ({
      kernel: buildImage({ imageSize: size }),
      options: { purgatory: false as const },
    });
    expect(loadOrFail(load(imageSize), machine).kimage.segments).toHaveLength(2);
    const { refusal } = expectRefusal(load(imageSize + 1n), machine);
    expect(refusal).toMatchObject({ check: 'segment-total', errno: 'EINVAL' });
  });

  it('lists every hole that was tried on a machine without room', () => {
    const machine = buildMachine({
      memory: [
        { start: GIB, end: GIB + MIB },
        { start: 2n * GIB + 1n, end: 2n * GIB + 3n * MIB },
      ],
    });
    const { refusal, trail } = expectRefusal({ kernel: buildImage() }, machine);
    expect(refusal).toMatchObject({ check: 'segment-hole', errno: 'EADDRNOTAVAIL' });
    expect(trail.at(-1)?.holes).toEqual([
      { range: machine.memory[0], why: 'too small' },
      { range: machine.memory[1], why: 'no place in the window' },
    ]);
  });

  it('refuses a malformed device tree of the machine, as the kernel: after every place was tried', () => {
    const machine = buildMachine({ arm64: { deviceTree: new Uint8Array(100) } });
    expect(expectRefusal({ kernel: buildImage() }, machine).refusal).toMatchObject({
      check: 'dtb-header',
      errno: 'EADDRNOTAVAIL',
    });
    expect(expectRefusal({ kernel: buildImage(), options: { rules: 'v3' } }, machine).refusal.errno).toBe(
      'EINVAL',
    );
  });

  it('places every segment in free memory, apart, on any machine', () => {
    const piece = fc.record({
      gap: fc.integer({ min: 0, max: 64 << 20 }),
      size: fc.integer({ min: 1, max: 256 << 20 }),
    });
    const ranges = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => {
      let at = 0n;
      return pieces.map(({ gap, size }) => {
        const start = at + BigInt(gap);
        at = start + BigInt(size);
        return { start, end: at };
      });
    });
    const sizes = fc.record({
      textOffset: fc.constantFrom(0n, 0x8_0000n),
      imageSize: fc.integer({ min: 4096, max: 64 << 20 }).map(BigInt),
      initrdSize: fc.integer({ min: 1, max: 1 << 20 }),
    });
    let placed = 0;
    fc.assert(
      fc.property(ranges, ranges, sizes, (memory, reserved, { textOffset, imageSize, initrdSize }) => {
        const machine = buildMachine({ memory, reserved });
        const kernel = buildImage({ textOffset, imageSize });
        const free = findFreeRanges(machine);
        const result = (() => {
          try {
            return loadOrFail({ kernel, initrd: new Uint8Array(initrdSize) }, machine);
          } catch (error) {
            expect(error).toMatchObject({ name: 'KexecError' });
            return undefined;
          }
        })();
        if (result === undefined) return;
        placed += 1;
        const all = result.kimage.segments.map(getSegmentRange);
        for (const [index, range] of all.entries()) {
          expect(free.some((one) => contains(one, range))).toBe(true);
          expect(all.slice(0, index).some((other) => overlaps(other, range))).toBe(false);
        }
        const kernelStart = findSegment(result.kimage, 'kernel').mem - textOffset;
        expect(kernelStart % (2n * MIB)).toBe(0n);
        expect(findSegment(result.kimage, 'dtb').mem % (2n * MIB)).toBe(0n);
        expect(all.every(({ start }) => start >= kernelStart)).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(placed).toBeGreaterThan(50);
  });
});
