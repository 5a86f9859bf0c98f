import fc from 'fast-check';
import { type Range, rangeOf } from '../../../src/base/range.js';
import { GIB, KIB, MIB } from '../../../src/base/u64.js';
import type { Kimage, Segment, SegmentName } from '../../../src/kexec/kimage.js';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';

/** The contents of a memory map. */
export interface Memory {
  readonly machine: Arm64Machine;
  readonly kimage?: Kimage;
}

/** A machine for tests that use its memory alone. */
export function buildSampleMachine(parts: Partial<Arm64Machine>): Arm64Machine {
  return {
    architecture: 'arm64',
    name: 'sample',
    memorySource: 'memblock',
    memory: [],
    reserved: [],
    pageSize: 4096,
    arm64: { deviceTree: new Uint8Array() },
    ...parts,
  };
}

export function buildSegment(name: SegmentName, mem: bigint, memsz: bigint): Segment {
  return { name, bytes: new Uint8Array(), mem, memsz };
}

/** QEMU's virt with 2 GiB: the running kernel's device tree lies at the start of RAM. */
export const virt = {
  machine: buildSampleMachine({
    name: 'qemu-virt',
    memory: [rangeOf(GIB, 2n * GIB)],
    reserved: [rangeOf(GIB, MIB), rangeOf(0xbff0_0000n, MIB)],
  }),
  kimage: {
    type: 'default',
    entry: 0xbfdf_f000n,
    segments: [
      buildSegment('kernel', 0x4020_0000n, 27n * MIB),
      buildSegment('initrd', 0x4020_0000n + 27n * MIB, 2n * MIB),
      buildSegment('dtb', 0xbfe0_0000n, 16n * KIB),
      buildSegment('purgatory', 0xbfdf_f000n, 4n * KIB),
    ],
  } satisfies Kimage,
};

/** Small ranges close to each other, such as firmware and memblock reserve. */
function cluster(start: bigint, count: number): Range[] {
  return Array.from({ length: count }, (_, index) => {
    const step = BigInt(index);
    return rangeOf(start + step * 320n * KIB, 16n * KIB + ((step * 7n) % 5n) * 52n * KIB);
  });
}

/** A server with 64 GiB in three ranges, 40 reserved ranges, and a crash kernel loaded into the high crash region. */
export const server = {
  machine: buildSampleMachine({
    name: 'server',
    memory: [
      { start: 0x8000_0000n, end: 0xfd00_0000n },
      { start: 0x8_8000_0000n, end: 0x10_0000_0000n },
      { start: 0x88_0000_0000n, end: 0x88_0000_0000n + 64n * GIB - 0x7d00_0000n - 30n * GIB },
    ],
    reserved: [
      rangeOf(0x8020_0000n, 34n * MIB),
      ...cluster(0x9000_0000n, 12),
      rangeOf(0xdd00_0000n, 128n * MIB),
      ...cluster(0xfa00_0000n, 10),
      rangeOf(0xf_c000_0000n, 512n * MIB),
      ...cluster(0xf_f000_0000n, 8),
      ...cluster(0x8f_0000_0000n, 7),
    ],
    crashRegion: { high: rangeOf(0xf_c000_0000n, 512n * MIB), low: rangeOf(0xdd00_0000n, 128n * MIB) },
  }),
  kimage: {
    type: 'crash',
    entry: 0xf_c020_0000n,
    segments: [
      buildSegment('elfcorehdr', 0xf_dfff_0000n, 64n * KIB),
      buildSegment('kernel', 0xf_c020_0000n, 36n * MIB),
      buildSegment('initrd', 0xf_c260_0000n, 58n * MIB),
      buildSegment('dtb', 0xf_dfc0_0000n, 192n * KIB),
    ],
  } satisfies Kimage,
};

/** A board with 128 MiB, firmware at the top. */
export const board = {
  machine: buildSampleMachine({
    name: 'board',
    memory: [rangeOf(0x8000_0000n, 128n * MIB)],
    reserved: [rangeOf(0x8000_0000n, 10n * MIB), rangeOf(0x8700_0000n, 16n * MIB)],
  }),
  kimage: {
    type: 'default',
    entry: 0x80a0_0000n,
    segments: [
      buildSegment('kernel', 0x80a0_0000n, 11n * MIB),
      buildSegment('initrd', 0x8150_0000n, 5n * MIB),
      buildSegment('dtb', 0x86e0_0000n, 32n * KIB),
    ],
  } satisfies Kimage,
};

/** A machine and possibly a kimage. Their ranges are tiny or huge, touch or are far apart, in RAM or outside. */
export const anyMemory: fc.Arbitrary<Memory> = fc
  .record({
    memory: someRanges(12, 0, 36),
    reserved: someRanges(40, 0, 26),
    crash: fc.option(fc.tuple(fc.nat(11), fc.integer({ min: 12, max: 30 })), { nil: undefined }),
    segments: fc.option(someRanges(5, 12, 30), { nil: undefined }),
    type: fc.constantFrom('default', 'crash'),
  })
  .map(({ memory, reserved, crash, segments, type }) => {
    const home = crash === undefined ? undefined : memory[crash[0] % memory.length];
    const high = home === undefined ? undefined : rangeOf(home.start, 1n << BigInt(crash?.[1] ?? 0));
    const machine = buildSampleMachine({
      memory,
      reserved,
      ...(high === undefined ? {} : { crashRegion: { high } }),
    });
    if (segments === undefined) return { machine };
    const named = segments.map(({ start, end }, index) =>
      buildSegment(SEGMENT_NAMES[index] ?? 'kernel', start, end - start),
    );
    return { machine, kimage: { type, entry: segments[0]?.start ?? 0n, segments: named } };
  });

const SEGMENT_NAMES: readonly SegmentName[] = ['kernel', 'initrd', 'dtb', 'purgatory', 'elfcorehdr'];

/** Ranges that do not overlap, lowest first, with sizes and distances between two powers of two. */
function someRanges(maxLength: number, least: number, most: number): fc.Arbitrary<Range[]> {
  const distance = fc.oneof(
    fc.constant(0n),
    fc.integer({ min: least, max: most }).map((power) => 1n << BigInt(power)),
  );
  const bytes = fc
    .integer({ min: least, max: most })
    .map((power) => (1n << BigInt(power)) - (1n << BigInt(least)) / 2n);
  return fc.array(fc.tuple(distance, bytes), { minLength: 1, maxLength }).map((pieces) => {
    let next = 0n;
    return pieces.map(([before, length]) => {
      const start = next + before;
      next = start + length;
      return { start, end: next };
    });
  });
}
