import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/base/bytes.js';
import { contains, overlaps, type Range, size, subtract, totalSize } from '../../src/base/range.js';
import { findDumpedRanges, parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import type { CrashFacts } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { buildCrashMachine } from '../support/crash.js';
import { catchRefusal, flipEachBit } from '../support/hostile.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../support/machine.js';

const DATA = 'test/crash/data';

/** What was found in a machine's memory after its kernel's own kexec_file_load (data/README.md). */
interface KernelsHeader {
  readonly what: string;
  /** The facts that count, as in a machine file. */
  readonly machine: Record<string, unknown>;
  /** In base64. */
  readonly elfcorehdr: string;
}

const kernelsHeaders = readdirSync(DATA)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(`${DATA}/${file}`, 'utf8')) as KernelsHeader);

function machineOf(facts: Record<string, unknown>): Machine {
  return parseMachine(JSON.stringify({ ...JSON.parse(formatMachine(buildMachine())), ...facts }));
}

function ranges({ machine }: { machine: Machine }): Range[] {
  const { loads } = parseElfcorehdr(buildElfcorehdr(machine));
  return loads.slice(1).map(({ physicalAddress, memorySize }) => ({
    start: physicalAddress,
    end: physicalAddress + memorySize,
  }));
}

describe('buildElfcorehdr', () => {
  it.each(kernelsHeaders)("is the kernel's own, byte for byte: $what", ({ machine, elfcorehdr }) => {
    const ours = buildElfcorehdr(machineOf(machine));
    expect(Buffer.from(ours).toString('base64')).toBe(elfcorehdr);
  });

  it('is compared with eight headers of kernels', () => {
    expect(kernelsHeaders).toHaveLength(8);
  });
  it('leaves out both crash regions', () => {
    const machine = buildCrashMachine({
      memory: [{ start: GIB, end: 8n * GIB }],
      crashRegion: {
        high: { start: 6n * GIB, end: 7n * GIB },
        low: { start: 3n * GIB, end: 3n * GIB + 128n * MIB },
      },
    });
    expect(ranges({ machine })).toEqual([
      { start: GIB, end: 3n * GIB },
      { start: 3n * GIB + 128n * MIB, end: 6n * GIB },
      { start: 7n * GIB, end: 8n * GIB },
    ]);
  });

  it('keeps adjacent regions of RAM separate', () => {
    const memory = [
      { start: GIB, end: 2n * GIB },
      { start: 2n * GIB, end: 3n * GIB },
    ];
    const high = { start: GIB, end: GIB + 256n * MIB };
    const machine = buildCrashMachine({ memory, crashRegion: { high } });
    expect(ranges({ machine })).toEqual([{ start: high.end, end: 2n * GIB }, memory[1]]);
  });

  it('uses a second page when the first is full, and not before', () => {
    const machine = (regions: number): Machine =>
      buildCrashMachine({
        memory: Array.from({ length: regions }, (_, index) => ({
          start: GIB + BigInt(index) * MIB,
          end: GIB + BigInt(index) * MIB + 0x1000n,
        })),
        crashRegion: { high: { start: 0n, end: 1n } },
      });
    // 64 bytes, and 56 for each of 2 CPUs, VMCOREINFO, the kernel and the regions.
    expect(buildElfcorehdr(machine(68))).toHaveLength(4096);
    expect(buildElfcorehdr(machine(69))).toHaveLength(8192);
  });

  it('computes the linear map modulo 2^64, as a kernel for 52 bits does on a CPU with 48', () => {
    // PHYS_OFFSET of such a kernel, with RAM from 1 GiB, and PAGE_OFFSET, -2^52.
    const linearMap = {
      physical: BigInt.asUintN(64, GIB - 0x000f_0000_0000_0000n),
      virtual: 0xfff0_0000_0000_0000n,
    };
    const { loads } = parseElfcorehdr(buildElfcorehdr(buildCrashMachine({}, { linearMap })));
    expect(loads[1]).toMatchObject({ physicalAddress: GIB, virtualAddress: 0xffff_0000_0000_0000n });
  });

  it('covers all RAM outside the crash regions exactly once, on any machine', () => {
    const piece = fc.record({ gap: fc.bigInt(0n, 1n << 32n), size: fc.bigInt(1n, 1n << 34n) });
    const memory = fc.array(piece, { minLength: 1, maxLength: 40 }).map((pieces) => {
      let at = 0n;
      return pieces.map(({ gap, size }) => {
        const start = at + gap;
        at = start + size;
        return { start, end: at };
      });
    });
    const region = fc
      .tuple(fc.bigInt(0n, 1n << 36n), fc.bigInt(1n, 1n << 34n))
      .map(([start, size]) => ({ start, end: start + size }));
    fc.assert(
      fc.property(memory, region, fc.option(region, { nil: undefined }), (ram, high, low) => {
        const crashRegion = low === undefined ? { high } : { high, low };
        const machine = buildCrashMachine({ memory: ram, crashRegion });
        const bytes = buildElfcorehdr(machine);
        const { notes, loads } = parseElfcorehdr(bytes);
        expect(bytes.length % 4096).toBe(0);
        expect(bytes.length - (64 + 56 * (notes.length + loads.length))).toBeLessThan(4096);

        const regions = low === undefined ? [high] : [high, low];
        const dumped = ranges({ machine });
        expect(subtract(subtract(ram, regions), dumped)).toEqual([]);
        expect(totalSize(dumped)).toBe(totalSize(subtract(ram, regions)));
        expect(dumped.reduce((sum, one) => sum + size(one), 0n)).toBe(totalSize(dumped));
        for (const [index, range] of dumped.entries()) {
          expect(ram.some((one) => contains(one, range))).toBe(true);
          expect(regions.some((one) => overlaps(one, range))).toBe(false);
          expect(index === 0 || (dumped[index - 1] as Range).end <= range.start).toBe(true);
        }
        for (const load of loads) {
          expect(load).toMatchObject({ type: 1, flags: 7, alignment: 0n, fileSize: load.memorySize });
          expect(load.offset).toBe(load.physicalAddress);
        }
        for (const load of loads.slice(1)) {
          const distance = BigInt.asUintN(64, load.virtualAddress - load.physicalAddress);
          expect(distance).toBe(0xffff_0000_0000_0000n - GIB);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('reports which facts of the machine are unknown, why, and how to record them', () => {
    const { crash: _, ...machine } = buildCrashMachine({
      name: 'server',
      unknown: [
        { fact: 'efivar-db', reason: 'no such file' },
        { fact: 'kallsyms', reason: 'all its addresses are 0' },
      ],
    });
    const refusal = catchRefusal(() => buildElfcorehdr(machine));
    expect(refusal).toMatchObject({ check: 'elfcorehdr', errno: 'EINVAL' });
    expect(refusal?.message).toContain('server: ');
    expect(refusal?.message).toContain('kexec-file machine record');
    expect(refusal?.message).toContain('kallsyms: all its addresses are 0');
    expect(refusal?.message).not.toContain('efivar');
  });

  const ABSURD: [string, TestFacts, Partial<CrashFacts>, string][] = [
    ['no notes', {}, { notes: [] }, 'elfcorehdr'],
    ['a kernel that ends before it starts', {}, { text: { start: 2n, end: 1n, virtual: 0n } }, 'range-order'],
    [
      'a kernel that exceeds the virtual addresses',
      {},
      { text: { start: 0n, end: 4096n, virtual: (1n << 64n) - 4095n } },
      'range-order',
    ],
    [
      'RAM that exceeds the virtual addresses',
      { memory: [{ start: 0n, end: 1n << 52n }] },
      { linearMap: { physical: 0n, virtual: 0xffff_0000_0000_0000n } },
      'range-order',
    ],
    [
      'more ranges than ELF can count',
      {
        memory: Array.from({ length: 65_531 }, (_, at) => ({
          start: 2n * BigInt(at),
          end: 2n * BigInt(at) + 1n,
        })),
      },
      {},
      'elfcorehdr',
    ],
  ];
  it.each(ABSURD)('refuses %s', (_, machine, crash, check) => {
    const built = buildCrashMachine({ crashRegion: { high: { start: 0n, end: 0n } }, ...machine }, crash);
    expect(catchRefusal(() => buildElfcorehdr(built))).toMatchObject({ check, errno: 'EINVAL' });
  });
});

describe('findDumpedRanges', () => {
  it('finds all RAM if there is no crash region', () => {
    const machine = buildMachine();
    expect(findDumpedRanges(machine)).toEqual(machine.memory);
  });
});

describe('parseElfcorehdr', () => {
  const header = buildElfcorehdr(buildCrashMachine());

  it('parses what was built', () => {
    const { notes, loads } = parseElfcorehdr(header);
    expect(notes.map(({ offset, fileSize }) => [offset, fileSize])).toEqual([
      [0x7ff0_0000n, 0x1a8n],
      [0x7ff0_1000n, 0x1a8n],
      [0x4153_0000n, 0x1024n],
    ]);
    expect(loads.map(({ virtualAddress }) => virtualAddress)).toEqual([
      0xffff_8000_8000_0000n,
      0xffff_0000_0000_0000n,
      0xffff_0000_3000_0000n,
    ]);
  });

  it("parses the kernel's own", () => {
    for (const { elfcorehdr, machine } of kernelsHeaders) {
      const { notes } = parseElfcorehdr(decodeBase64(elfcorehdr));
      expect(notes).toHaveLength((machineOf(machine).crash?.notes.length ?? 0) + 1);
    }
  });

  it('refuses a header that is cut short at any length', () => {
    const whole = 64 + 56 * 6;
    for (let length = 0; length < whole; length += 1) {
      const refusal = catchRefusal(() => parseElfcorehdr(header.subarray(0, length)));
      expect(refusal).toMatchObject({ check: 'elf-core', errno: 'EINVAL' });
    }
    expect(catchRefusal(() => parseElfcorehdr(header.subarray(0, whole)))).toBeUndefined();
  });

  it('throws only KexecErrors, whichever bit is flipped', () => {
    let refused = 0;
    for (const changed of flipEachBit(header, 64 + 56 * 6)) {
      if (catchRefusal(() => parseElfcorehdr(changed)) !== undefined) refused += 1;
    }
    // Magic, class, byte order, version, type, machine, version, most of e_phoff, sizes and number of program headers.
    expect(refused).toBeGreaterThan(200);
  });

  it.each([
    ['no program headers', 56, 0],
    ['PN_XNUM program headers', 56, 0xffff],
    ['program headers of another size', 54, 32],
    ['another type', 16, 2],
    ['another machine', 18, 62],
  ])('refuses %s', (_, offset, value) => {
    const changed = new Uint8Array(header);
    new DataView(changed.buffer).setUint16(offset, value, true);
    expect(catchRefusal(() => parseElfcorehdr(changed))).toMatchObject({
      check: 'elf-core',
      errno: 'EINVAL',
    });
  });
});
