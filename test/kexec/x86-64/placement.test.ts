/** The places that kernels gave segments in guests, and a naive search to compare with. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Range, rangeOf } from '../../../src/base/range.js';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import { BZIMAGE_FIELDS, type BzimageFields, buildBzimage } from '../../support/bzimage.js';
import { buildX86Machine, DEBIAN_PURGATORY, MIB } from '../../support/x86-pc.js';

/** A command line of 21 bytes with its NUL. */
const COMMAND_LINE = 'console=ttyS0 panic=';

/** The sizes of the kernel and the initrd of the guests. */
const INITRD_SIZE = 0x2d_c6c0;
const KERNEL = buildBzimage({ kernelSize: 0xb2_c7c0, initSize: 0x37d_e000 });

function place(
  kernel: Uint8Array,
  machine = buildX86Machine(),
  type: 'default' | 'crash' = 'default',
  initrd = new Uint8Array(INITRD_SIZE),
) {
  const options = { type, commandLine: COMMAND_LINE };
  const result = kexecFileLoad({ kernel, initrd, options }, machine);
  if ('refusal' in result) return `${result.refusal.check} ${result.refusal.errno}`;
  return result.kimage.segments.map(({ name, mem, bytes, memsz }) => [name, mem, bytes.length, memsz]);
}

describe('the places of Linux 6.12', () => {
  it('SeaBIOS, 2 GiB', () => {
    // QEMU's board pc has a page more of RAM than q35.
    const memory = [rangeOf(0x1000n, 0x9_ec00n), { start: MIB, end: 0x7ffe_0000n }];
    expect(place(KERNEL, buildX86Machine({ memory }))).toEqual([
      ['purgatory', 0x7ffd_b000n, 0x4000, 0x5000n],
      ['boot-params', 0x7ffd_9000n, 0x10e0, 0x2000n],
      ['kernel', 0x7c60_0000n, 0xb2_c7c0, 0x37d_e000n],
      ['initrd', 0x7c32_3000n, 0x2d_c6c0, 0x2d_d000n],
    ]);
  });

  it('a crash kernel in 512 MiB', () => {
    expect(place(KERNEL, buildX86Machine(), 'crash')).toEqual([
      ['elfcorehdr', 0x5e00_0000n, 0x1000, 0xe_1000n],
      ['purgatory', 0x7dff_b000n, 0x4000, 0x5000n],
      ['boot-params', 0x7dff_9000n, 0x10e0, 0x2000n],
      ['kernel', 0x7a80_0000n, 0xb2_c7c0, 0x37d_e000n],
      ['initrd', 0x7a52_3000n, 0x2d_c6c0, 0x2d_d000n],
    ]);
  });

  it('UEFI: the block has room for the runtime map, and all lies at the top', () => {
    const memory = [
      { start: 0x1000n, end: 0xa_0000n },
      { start: 0x10_0000n, end: 0x7e8e_b018n },
      { start: 0x1_0000_0000n, end: 0x1_c000_0000n },
    ];
    const runtimeMap = Array.from({ length: 7 }, () => ({
      type: 5,
      physical: 0x7f52_0000n,
      virtual: 0xffff_fffe_0000_0000n,
      pages: 1n,
      attribute: 1n << 63n,
    }));
    const efiHandOver = { firmwareVendor: 1n, configTable: 2n, smbios: 3n, runtimeMap };
    const machine = buildX86Machine({ memory, totalRam: 5n << 30n }, { efiHandOver });
    expect(place(KERNEL, machine)).toEqual([
      ['purgatory', 0x1_bfff_b000n, 0x4000, 0x5000n],
      ['boot-params', 0x1_bfff_9000n, 0x1230, 0x2000n],
      ['kernel', 0x1_bc80_0000n, 0xb2_c7c0, 0x37d_e000n],
      ['initrd', 0x1_bc52_3000n, 0x2d_c6c0, 0x2d_d000n],
    ]);
  });
});

it('Linux 7.3: a larger kernel', () => {
  const placed = place(buildBzimage({ kernelSize: 0xb2_c7c0, initSize: 0x3c3_9000 }));
  expect(placed.slice(2)).toEqual([
    ['kernel', 0x7c20_0000n, 0xb2_c7c0, 0x3c3_9000n],
    ['initrd', 0x7bf2_3000n, 0x2d_c6c0, 0x2d_d000n],
  ]);
});

describe('headers that lie', () => {
  it.each<[string, Partial<BzimageFields>, string]>([
    ['init_size 0', { initSize: 0 }, 'segment-bytes EINVAL'],
    ['the largest init_size', { initSize: 0xffff_f000 }, 'segment-hole EADDRNOTAVAIL'],
    ['an init_size that wraps', { initSize: 0xffff_f001 }, 'segment-bytes EINVAL'],
    ['an init_size below the file', { initSize: 0x8000 }, 'segment-bytes EINVAL'],
    ['pref_address near 2^64', { prefAddress: (1n << 64n) - 1n }, 'segment-hole EADDRNOTAVAIL'],
    ['cmdline_size 0', { cmdlineSize: 0 }, 'bzimage-command-line EINVAL'],
    ['half of the RAM', { initSize: 0x4000_1000 }, 'segment-total EINVAL'],
  ])('%s', (_, fields, expected) => {
    expect(place(buildBzimage(fields))).toBe(expected);
  });

  it.each<[string, Partial<BzimageFields>]>([
    ['kernel_alignment 0', { kernelAlignment: 0 }],
    ['kernel_alignment 3 pages', { kernelAlignment: 0x3000 }],
    ['kernel_alignment 2 MiB and 1', { kernelAlignment: 0x20_0001 }],
    ['setup_sects 255', { setupSects: 255 }],
    ['setup_sects 0', { setupSects: 0 }],
    ['the longest header', { jump: 0xff }],
    ['an empty kernel', { kernelSize: 0 }],
  ])('%s is loaded', (_, fields) => {
    expect(place(buildBzimage(fields))).toHaveLength(4);
  });

  it('refuses an alignment that leaves the pages, where RAM does not end on one', () => {
    const memory = [{ start: 0x10_0000n, end: 0x7c94_7c58n }];
    const kernel = buildBzimage({ kernelAlignment: 0x1801 });
    expect(place(kernel, buildX86Machine({ memory }))).toBe('segment-page EADDRNOTAVAIL');
  });

  it('refuses a crash region below pref_address', () => {
    const crashRegion = { high: { start: 2n * MIB, end: 16n * MIB } };
    expect(place(KERNEL, buildX86Machine({ crashRegion }), 'crash')).toBe('segment-hole EADDRNOTAVAIL');
  });
});

/** Searches as the facts about `locate_mem_hole_top_down()` have it, a page at a time, with inclusive ends. */
function searchNaively(
  memory: readonly Range[],
  taken: readonly (readonly [bigint, bigint])[],
  {
    size,
    alignment,
    minimum,
  }: { readonly size: bigint; readonly alignment: bigint; readonly minimum: bigint },
): bigint | undefined {
  const memsz = ((size + 4095n) / 4096n) * 4096n;
  const align = alignment > 4096n ? alignment : 4096n;
  for (const { start, end: after } of memory.toReversed()) {
    const end = after - 1n;
    if (end - start + 1n < memsz || end < minimum) continue;
    for (let at = end - memsz + 1n; ; at -= 4096n) {
      at &= ~(align - 1n);
      if (at < start || at < minimum) break;
      const candidate = at;
      if (!taken.some(([mem, length]) => candidate < mem + length && mem < candidate + memsz)) return at;
    }
  }
  return undefined;
}

it('places as a naive search does', () => {
  const address = fc.bigInt({ min: 0n, max: 64n * MIB });
  const memories = fc
    .uniqueArray(address, { minLength: 2, maxLength: 10 })
    .map((ends) => ends.sort((a, b) => (a < b ? -1 : 1)))
    .map((ends) =>
      Array.from({ length: ends.length >> 1 }, (_, index) => ({
        start: 16n * MIB + (ends[2 * index] ?? 0n),
        end: 16n * MIB + (ends[2 * index + 1] ?? 0n),
      })),
    );
  const alignments = fc.oneof(
    fc.integer({ min: 0, max: 22 }).map((bits) => 2 ** bits),
    fc.integer({ min: 0, max: 0x40_0000 }),
    fc.integer({ min: 0, max: 0x100 }).map((pages) => pages * 4096),
  );
  fc.assert(
    fc.property(
      memories,
      alignments,
      fc.integer({ min: 0x1_0000, max: 0x80_0000 }),
      address,
      fc.integer({ min: 1, max: 0x10_0000 }),
      (memory, kernelAlignment, initSize, prefAddress, initrdSize) => {
        const kernel = buildBzimage({ kernelAlignment, initSize, prefAddress });
        const machine = buildX86Machine({ memory, totalRam: 1n << 40n });
        const wanted = [
          { name: 'purgatory', size: DEBIAN_PURGATORY.memsz, alignment: 4096n, minimum: 0x3000n },
          { name: 'boot-params', size: 0x10e0n, alignment: 16n, minimum: 0x3000n },
          {
            name: 'kernel',
            size: BigInt(initSize),
            alignment: BigInt(kernelAlignment),
            minimum: prefAddress > MIB ? prefAddress : MIB,
          },
          { name: 'initrd', size: BigInt(initrdSize), alignment: 0n, minimum: 16n * MIB },
        ];
        const taken: (readonly [bigint, bigint])[] = [];
        let expected: unknown = [];
        for (const segment of wanted) {
          const mem = searchNaively(memory, taken, segment);
          if (mem === undefined) {
            expected = 'segment-hole EADDRNOTAVAIL';
            break;
          }
          const memsz = ((segment.size + 4095n) / 4096n) * 4096n;
          taken.push([mem, memsz]);
          expected = [...(expected as unknown[]), [segment.name, mem, memsz]];
        }
        if (taken.length === 4 && taken.some(([mem]) => mem % 4096n !== 0n))
          expected = 'segment-page EADDRNOTAVAIL';
        const placed = place(kernel, machine, 'default', new Uint8Array(initrdSize));
        const found =
          typeof placed === 'string' ? placed : placed.map(([name, mem, , memsz]) => [name, mem, memsz]);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 200 },
  );
});

it('needs the size of purgatory', () => {
  const { purgatory: _, ...x86 } = buildX86Machine().x86;
  expect(place(buildBzimage(BZIMAGE_FIELDS), { ...buildX86Machine(), x86 })).toBe(
    'running-purgatory ENODATA',
  );
});

it('before Linux 6.8, the lowest range comes first: purgatory lies below 1 MiB', () => {
  const machine = buildX86Machine({ kernel: { release: '6.1.0-57-cloud-amd64' } });
  expect(place(KERNEL, machine)).toEqual([
    ['purgatory', 0x9_a000n, 0x4000, 0x5000n],
    ['boot-params', 0x9_8000n, 0x10e0, 0x2000n],
    ['kernel', 0x7c80_0000n, 0xb2_c7c0, 0x37d_e000n],
    ['initrd', 0x7c52_3000n, 0x2d_c6c0, 0x2d_d000n],
  ]);
});

it('a kernel that keeps memblock searches what is free there', () => {
  const freeMemblock = [{ start: 0x1000_0000n, end: 0x2000_0000n }];
  const [purgatory] = place(KERNEL, buildX86Machine({}, { freeMemblock }));
  expect(purgatory).toEqual(['purgatory', 0x1fff_b000n, 0x4000, 0x5000n]);
});

describe('Kexec Handover', () => {
  const scratch = [
    { start: 0x2000_0000n, end: 0x2800_0000n },
    { start: 0x4000_0000n, end: 0x5000_0000n },
  ];
  const kernel = { release: '7.3.4', config: { KEXEC_HANDOVER: 'y', EFI: 'y' } };

  it('keeps to its scratch areas, the first of them that has room', () => {
    const machine = buildX86Machine({ kernel, handover: { scratch } });
    expect(place(KERNEL, machine)).toEqual([
      ['kho-scratch', 0x27ff_0000n, 32, 0x1000n],
      ['purgatory', 0x27ff_b000n, 0x4000, 0x5000n],
      ['boot-params', 0x27ff_9000n, 0x1110, 0x2000n],
      ['kernel', 0x2480_0000n, 0xb2_c7c0, 0x37d_e000n],
      ['initrd', 0x2452_3000n, 0x2d_c6c0, 0x2d_d000n],
    ]);
  });
});
