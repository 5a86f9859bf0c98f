import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { PAGE_DESCRIPTOR_SIZE } from '../../../src/formats/kdump/format.js';
import { readKdumpHeader } from '../../../src/formats/kdump/header.js';
import { FILTER_LEVELS, parseFilter } from '../../../src/vmcore/save/filter.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { FORMATS, MemoryTarget, saveBytes, savedBytes } from '../../support/dump-target.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildKdump, PACKS } from '../../support/kdump.js';
import { buildUsedPages, KERNELS, USES, type Use } from '../../support/used-pages.js';
import {
  openVmcoreBytes,
  REDUCED_VMCORES,
  readDmesg,
  readExpectedDmesg,
  readReducedVmcore,
} from '../../support/vmcore.js';

const PAGE = 4096;

describe.each(FORMATS)('a copy as $format, $compression', (format) => {
  it.each(REDUCED_VMCORES)('of %s has the log, the summary and the memory of the dump', (name) => {
    const vmcore = readReducedVmcore(name);
    const copy = savedBytes(vmcore, format, FILTER_LEVELS.zero);
    expect(readDmesg(copy)).toEqual({ text: readExpectedDmesg(name), problems: [] });
    const { format: _, memory: __, ...found } = summarizeVmcore(openVmcoreBytes(copy));
    const { format: ___, memory, ...expected } = summarizeVmcore(openVmcoreBytes(vmcore));
    expect(found).toEqual(expected);
    const { memory: copied } = openVmcoreBytes(copy);
    const original = openVmcoreBytes(vmcore).memory;
    for (const { start, end } of memory) {
      const length = Number(end - start);
      expect(Buffer.compare(copied.read(start, length), original.read(start, length))).toBe(0);
    }
  });

  it('is resumed after the disk was full', () => {
    const { vmcore } = buildUsedPages('Linux 6.12');
    const whole = savedBytes(vmcore, format, 31);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { minLength: 1, maxLength: 3 }), (sizes) => {
        const target = new MemoryTarget();
        for (const size of sizes.sort((a, b) => a - b)) {
          target.room = Math.min(size, whole.length - 1);
          expect(catchRefusal(() => saveBytes(vmcore, target, format, 31))?.errno).toBe('ENOSPC');
        }
        target.room = whole.length;
        const begun = target.size;
        expect(saveBytes(vmcore, target, format, 31).resumedAt).toBe(begun);
        expect(Buffer.compare(target.bytes, whole)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('is not resumed as the save of another dump', () => {
    const target = new MemoryTarget();
    saveBytes(buildUsedPages('Linux 6.12').vmcore, target, format, 31);
    const refused = { errno: 'EEXIST', check: 'dump-save' };
    const again = (filter: number, kernel: (typeof KERNELS)[number] = 'Linux 6.12') =>
      catchRefusal(() => saveBytes(buildUsedPages(kernel).vmcore, target, format, filter));
    expect(again(31, 'Linux 6.1')).toMatchObject(refused);
    if (format.format === 'kdump') expect(again(30)).toMatchObject(refused);
    expect(again(31)).toBeUndefined();
  });
});

it('a page descriptor that was half written does not count', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  const format = { format: 'kdump', compression: 'zlib' } as const;
  const whole = savedBytes(vmcore, format, 0);
  const { descriptors } = readKdumpHeader(createByteSource(whole));
  const begun = new Uint8Array(whole);
  // The hundredth has the offset and size, but not the compression of its page.
  begun.fill(
    0,
    Number(descriptors) + 100 * PAGE_DESCRIPTOR_SIZE + 12,
    Number(descriptors) + 1024 * PAGE_DESCRIPTOR_SIZE,
  );
  const target = new MemoryTarget();
  target.write(0n, begun);
  saveBytes(vmcore, target, format, 0);
  expect(Buffer.compare(target.bytes, whole)).toBe(0);
});

/**
 * What each filter leaves out, by makedumpfile(8). Poisoned and offline pages are left out if struct page is read at
 * all.
 */
const LEFT_OUT: readonly [filter: number, uses: readonly Use[]][] = [
  [0, []],
  [1, []],
  [2, ['cache', 'swap', 'poisoned', 'offline', 'unaccepted']],
  [4, ['cache', 'swap', 'cache-private', 'poisoned', 'offline', 'unaccepted']],
  [8, ['user', 'hugetlb', 'compound-user', 'poisoned', 'offline', 'unaccepted']],
  [16, ['free', 'poisoned', 'offline', 'unaccepted']],
  [
    31,
    [
      'cache',
      'swap',
      'cache-private',
      'user',
      'hugetlb',
      'compound-user',
      'free',
      'poisoned',
      'offline',
      'unaccepted',
    ],
  ],
];

describe.each(KERNELS)('of the pages of %s', (kernel) => {
  const { vmcore, first, uses } = buildUsedPages(kernel);
  const original = openVmcoreBytes(vmcore).memory;

  it.each(LEFT_OUT)('filter %i leaves out those of makedumpfile', (filter, expected) => {
    const target = new MemoryTarget();
    const { leftOut, pages } = saveBytes(vmcore, target, { format: 'kdump', compression: 'zlib' }, filter);
    const { memory } = openVmcoreBytes(target.bytes);
    const gone = new Set<Use>();
    for (const [index, use] of uses.entries()) {
      const address = BigInt((first + index) * PAGE);
      const refusal = catchRefusal(() => {
        expect(Buffer.compare(memory.read(address, PAGE), original.read(address, PAGE))).toBe(0);
      });
      if (refusal !== undefined) expect(refusal).toMatchObject({ errno: 'ENODATA', check: 'dump-memory' });
      if (refusal !== undefined) gone.add(use);
      expect([use, refusal !== undefined]).toEqual([use, expected.includes(use)]);
    }
    expect([...gone]).toEqual(USES.filter((use) => uses.includes(use) && expected.includes(use)));
    expect(leftOut.free).toBe(expected.includes('free') ? 8 : 0);
    expect(leftOut.zero > 0).toBe((filter & 1) !== 0);
    expect(pages).toBe(uses.filter((use) => !expected.includes(use)).length);
  });

  it('pages whose struct cannot be found are kept, and a filter that needs a missing layout is refused', () => {
    const text = Buffer.from(vmcore).toString('latin1');
    const changed = (from: string, to: string): Uint8Array =>
      new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'));
    const lost = changed('CRASHTIME', 'SIZE(pag=');
    expect(saveBytes(lost, new MemoryTarget(), FORMATS[1] ?? never(), 31).leftOut.free).toBe(8);
    const unknown = changed('SIZE(page)', 'SIZE(pagE)');
    expect(catchRefusal(() => savedBytes(unknown, FORMATS[1] ?? never(), 16))).toMatchObject({
      errno: 'ENODATA',
      check: 'vmcoreinfo',
    });
    expect(savedBytes(unknown, FORMATS[1] ?? never(), 1).length).toBeGreaterThan(PAGE);
  });
});

it.each(FORMATS.slice(0, 2))('VMCOREINFO that is longer than a page is saved as $format', (format) => {
  const { vmcore } = buildUsedPages('Linux 7.3');
  const saved = openVmcoreBytes(savedBytes(vmcore, format, 31)).vmcoreinfo;
  expect(Object.keys(saved.lines).length).toBeGreaterThan(400);
  expect(saved.lines).toEqual(openVmcoreBytes(vmcore).vmcoreinfo.lines);
});

it.each(REDUCED_VMCORES)('pages of %s, whose page structs were not dumped, are kept and counted', (name) => {
  for (const format of FORMATS.slice(0, 2)) {
    const target = new MemoryTarget();
    const { unknown, leftOut } = saveBytes(readReducedVmcore(name), target, format, 16);
    expect(unknown).toBeGreaterThan(0);
    expect(leftOut.free).toBe(0);
    expect(readDmesg(target.bytes).text).toBe(readExpectedDmesg(name));
  }
});

it('an ELF copy leaves out runs of 256 pages and more', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  const zeros = new Uint8Array(vmcore);
  const { loads } = openVmcoreBytes(vmcore);
  const at = Number(loads[0]?.offset);
  zeros.fill(0, at + 200 * PAGE, at + 600 * PAGE);
  const copy = savedBytes(zeros, { format: 'elf', compression: 'none' }, 1);
  expect(zeros.length - copy.length).toBeGreaterThan(399 * PAGE);
  const copied = openVmcoreBytes(copy);
  expect(copied.loads.length).toBe(2);
  const start = copied.loads[0]?.physicalAddress ?? 0n;
  const size = Number(loads[0]?.memorySize);
  expect(Buffer.compare(copied.memory.read(start, size), zeros.subarray(at, at + size))).toBe(0);
  // Gaps with poisoned memory are not filled.
  const poisoned = openVmcoreBytes(savedBytes(vmcore, { format: 'elf', compression: 'none' }, 16));
  const gaps = poisoned.loads.map(({ fileSize, memorySize }) => Number(memorySize - fileSize) / PAGE);
  expect(gaps.filter((gap) => gap > 0)).toEqual([24]);
});

describe('a compressed dump is filtered once more', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  const zlib = { format: 'kdump', compression: 'zlib' } as const;

  it.each([
    [0, 1],
    [1, 1],
    [31, 0],
    [31, 1],
  ])('of filter %i, by %i, it is the dump that both leave', (before, then) => {
    for (const compression of ['none', 'zstd'] as const) {
      const once = savedBytes(vmcore, { format: 'kdump', compression }, before);
      const twice = savedBytes(once, zlib, then);
      const direct = savedBytes(vmcore, zlib, before | then);
      // Without level 1, pages of zeros share no place.
      if ((then & 1) === 1) expect(Buffer.compare(twice, direct)).toBe(0);
      const [found, wanted] = [twice, direct].map(openVmcoreBytes);
      expect([...(found?.memory.presentRuns() ?? [])]).toEqual([...(wanted?.memory.presentRuns() ?? [])]);
      expect(found?.memory.ranges()).toEqual(wanted?.memory.ranges());
    }
  });

  it('is resumed after the disk was full', () => {
    const once = savedBytes(vmcore, zlib, 16);
    const whole = savedBytes(once, zlib, 1);
    const target = new MemoryTarget(whole.length / 2);
    expect(catchRefusal(() => saveBytes(once, target, zlib, 1))?.errno).toBe('ENOSPC');
    target.room = whole.length;
    saveBytes(once, target, zlib, 1);
    expect(Buffer.compare(target.bytes, whole)).toBe(0);
  });
});

describe('a dump that cannot be saved', () => {
  const { vmcore } = buildUsedPages('Linux 6.12');
  it('is a compressed one as ELF', () => {
    const refusal = catchRefusal(() => savedBytes(buildKdump(vmcore, PACKS.zlib), FORMATS[0] ?? never(), 0));
    expect(refusal).toMatchObject({ errno: 'EOPNOTSUPP', check: 'dump-save' });
  });

  it('has memory beyond 52 bits, or more memory than the file has bytes', () => {
    const far = new Uint8Array(vmcore);
    new DataView(far.buffer).setBigUint64(64 + 56 + 24, 1n << 52n, true);
    const refused = { errno: 'EINVAL', check: 'dump-save' };
    expect(catchRefusal(() => savedBytes(far, FORMATS[0] ?? never(), 0))).toMatchObject(refused);
    const twice = new Uint8Array(readReducedVmcore('linux-6.12-48bit'));
    const view = new DataView(twice.buffer);
    for (let index = 1; index < view.getUint16(56, true); index += 1) {
      const at = 64 + index * 56;
      view.setBigUint64(at + 8, 64n, true);
      view.setBigUint64(at + 24, BigInt(index) << 30n, true);
      view.setBigUint64(at + 32, BigInt(twice.length - 64), true);
      view.setBigUint64(at + 40, BigInt(twice.length - 64), true);
    }
    expect(catchRefusal(() => savedBytes(twice, FORMATS[0] ?? never(), 0))).toMatchObject(refused);
  });
});

describe('a dump with any bytes changed', () => {
  it.each(FORMATS.slice(0, 3))('is saved as $format, $compression, or refused', (format) => {
    const { vmcore } = buildUsedPages('Linux 6.1');
    const structs = vmcore.length - 32 * PAGE;
    const place = fc.oneof(fc.nat(1200), fc.integer({ min: structs, max: vmcore.length - 8 }));
    const value = fc.oneof(fc.bigInt(0n, (1n << 64n) - 1n), fc.constantFrom(0n, 1n << 40n, (1n << 52n) - 1n));
    fc.assert(
      fc.property(fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = new Uint8Array(vmcore);
        for (const [at, word] of changes) new DataView(changed.buffer).setBigUint64(at, word, true);
        const target = new MemoryTarget();
        const refusal = catchRefusal(() => saveBytes(changed, target, format, 31));
        if (refusal === undefined) expect(target.bytes.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a filter', () => {
  it.each([
    ['0', 0],
    ['31', 31],
    ['none', 0],
    ['all', 31],
    ['zero,free', 17],
    ['cache,cache-private,user', 14],
  ])('%s is parsed', (text, filter) => {
    expect(parseFilter(text)).toBe(filter);
  });

  it.each(['32', '-1', '', 'zero,', 'toString', '1,2', '0x1f'])('%j is not a filter', (text) => {
    expect(parseFilter(text)).toBeUndefined();
  });
});

function never(): never {
  throw new Error('there is no such format');
}
