import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../src/base/byte-source.js';
import { BoundedBytes, concatenate } from '../../src/base/bytes.js';
import { lintCore } from '../../src/crash/lint.js';
import { EM_X86_64, ET_CORE, PT_LOAD, PT_NOTE } from '../../src/formats/elf/format.js';
import {
  headersSize,
  type ProgramHeader,
  readProgramHeaders,
  writeHeaders,
} from '../../src/formats/elf/program-headers.js';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildMachine } from '../support/machine.js';
import { recordX86 } from '../support/x86-machine.js';

const MIB = 1n << 20n;
const GIB = 1n << 30n;
const LINEAR = 0xffff000000000000n;

/** A machine with a kernel at 1 GiB + 2 MiB, two CPUs, and a crash region in its middle. */
const machine: Machine = {
  ...buildMachine(),
  memory: [{ start: GIB, end: 2n * GIB }],
  crashRegion: { high: { start: GIB + 512n * MIB, end: GIB + 768n * MIB } },
  possibleCpus: 2,
  crash: {
    notes: [
      { start: GIB + 100n * MIB, end: GIB + 100n * MIB + 0x19cn },
      { start: GIB + 101n * MIB, end: GIB + 101n * MIB + 0x19cn },
    ],
    vmcoreinfo: { start: GIB + 102n * MIB, end: GIB + 102n * MIB + 0x1024n },
    text: { start: GIB + 2n * MIB, end: GIB + 34n * MIB, virtual: 0xffffa5df7e400000n },
    linearMap: { physical: GIB, virtual: LINEAR },
  },
};

const header = buildElfcorehdr(machine);
const entries = readProgramHeaders(
  new BoundedBytes(header, { what: 'header', check: 'elf-core', errno: 'EINVAL' }),
);

/** Builds a header with other entries. */
function headerOf(programHeaders: readonly ProgramHeader[]): Uint8Array {
  return writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, 4096);
}

/** Lists errors and warnings. */
function findings(bytes: Uint8Array, of?: Machine): string[] {
  return lintCore(createByteSource(bytes), of)
    .findings.filter(({ severity }) => severity !== 'note')
    .map(({ severity, what }) => `${severity}: ${what}`);
}

const changed = (index: number, change: Partial<ProgramHeader>): ProgramHeader[] =>
  entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry));

/** Indexes of `entries`: notes of two CPUs and VMCOREINFO, the text, RAM below and above the crash region. */
const [CPU, TEXT, LOW, HIGH] = [0, 3, 4, 5] as const;

describe('a header for a machine with crash CMA', () => {
  it('is wrong if it dumps what the crash kernel uses', () => {
    const crashCma = [{ start: GIB + 800n * MIB, end: GIB + 900n * MIB }];
    const withCma = { ...machine, crashCma };
    expect(findings(buildElfcorehdr(withCma), withCma)).toEqual([]);
    expect(findings(header, withCma)).toEqual([
      'error: 0x70000000..0x80000000 is dumped and overlaps 0x72000000..0x78400000, where the crash kernel runs',
    ]);
    expect(findings(buildElfcorehdr(withCma), machine)).toEqual([
      'error: RAM 0x72000000..0x78400000 is not dumped',
    ]);
  });
});

describe('a header that the kernel would build', () => {
  it('has no faults, with and without its machine', () => {
    expect(entries.map(({ type }) => type)).toEqual([PT_NOTE, PT_NOTE, PT_NOTE, PT_LOAD, PT_LOAD, PT_LOAD]);
    expect(findings(header)).toEqual([]);
    expect(findings(header, machine)).toEqual([]);
    expect(lintCore(createByteSource(header))).toMatchObject({
      kind: 'elfcorehdr',
      notes: 3,
      loads: 3,
      findings: [{ severity: 'note', what: expect.stringContaining('0x60000000..0x70000000 is not dumped') }],
    });
  });
});

it('a PT_LOAD in pieces is checked as a whole', () => {
  const pieces = entries.flatMap((entry) => {
    const half = entry.memorySize / 2n;
    if (entry.type !== PT_LOAD) return [entry];
    return [
      { ...entry, fileSize: half, memorySize: half },
      {
        ...entry,
        ...{ offset: entry.offset + half, physicalAddress: entry.physicalAddress + half },
        ...{ virtualAddress: entry.virtualAddress + half, fileSize: half, memorySize: half },
      },
    ];
  });
  expect(findings(headerOf(pieces))).toEqual([]);
  expect(findings(headerOf(pieces), machine)).toEqual([]);
});

describe('a header with a fault', () => {
  it.each<[string, readonly ProgramHeader[], RegExp]>([
    ['no text', entries.filter((_, at) => at !== TEXT), /text has no PT_LOAD of its own/],
    ['no memory', entries.slice(0, TEXT), /there is no PT_LOAD/],
    ['no notes', entries.slice(2), /there are 1 PT_NOTEs/],
    [
      'overlapping memory',
      changed(HIGH, {
        physicalAddress: GIB + 256n * MIB,
        offset: GIB + 256n * MIB,
        virtualAddress: LINEAR + 256n * MIB,
      }),
      /PT_LOADs overlap/,
    ],
    [
      'a wrong linear address',
      changed(HIGH, { virtualAddress: LINEAR }),
      /the linear map of the other RAM has it at 0xffff000030000000/,
    ],
    ['a user address', changed(TEXT, { virtualAddress: 0x400000n }), /which is not a kernel address/],
    [
      'notes outside RAM',
      changed(CPU, { physicalAddress: MIB, offset: MIB }),
      /notes at 0x100000\.\.0x10019c are outside/,
    ],
    [
      'notes in the crash region',
      changed(CPU, { physicalAddress: GIB + 600n * MIB, offset: GIB + 600n * MIB }),
      /outside the RAM that is dumped/,
    ],
    ['empty notes', changed(CPU, { fileSize: 0n, memorySize: 0n }), /a PT_NOTE at .* has 0 bytes/],
    [
      'memory beyond 64 bits',
      changed(HIGH, { memorySize: (1n << 63n) + MIB, physicalAddress: 1n << 63n, offset: 1n << 63n }),
      /exceeds 64 bits/,
    ],
    [
      'an empty entry',
      changed(HIGH, { memorySize: 0n, fileSize: 0n }),
      /warning: a PT_LOAD at 0x70000000 is empty/,
    ],
    [
      'memory off pages',
      changed(HIGH, { memorySize: 256n * MIB - 1n, fileSize: 256n * MIB - 1n }),
      /does not begin and end on pages/,
    ],
    ['another file size', changed(LOW, { fileSize: MIB }), /has a p_filesz of 0x100000/],
  ])('%s is found', (_, programHeaders, what) => {
    expect(findings(headerOf(programHeaders)).join('\n')).toMatch(what);
  });

  it.each<[string, readonly ProgramHeader[], RegExp]>([
    [
      'RAM that is left out',
      entries.filter((_, at) => at !== HIGH),
      /RAM 0x70000000\.\.0x80000000 is not dumped/,
    ],
    ['the crash region', changed(LOW, { memorySize: GIB, fileSize: GIB }), /where the crash kernel runs/],
    [
      'memory that is not RAM',
      changed(HIGH, { memorySize: 512n * MIB, fileSize: 512n * MIB }),
      /0x80000000\.\.0x90000000 is dumped but is not RAM/,
    ],
    ['too few notes', entries.slice(1), /there are 2 PT_NOTEs for 2 possible CPUs.*no PT_NOTE points to/s],
    ['another text', changed(TEXT, { virtualAddress: 0xffffa5df7e600000n }), /text is said to be at/],
    [
      'a linear map that is wrong as a whole',
      entries.map((entry, at) =>
        at >= LOW ? { ...entry, virtualAddress: entry.virtualAddress + GIB } : entry,
      ),
      /the kernel's linear map has it at 0xffff000000000000/,
    ],
  ])('%s is found with its machine', (_, programHeaders, what) => {
    expect(findings(headerOf(programHeaders), machine).join('\n')).toMatch(what);
  });
});

it('the faults of a vmcore for which kexec-tools did not find the text are found', () => {
  // kexec-tools 2.0.25 builds such a header if /proc/kallsyms has no _text.
  const load = { type: PT_LOAD, flags: 7, alignment: 0n };
  const at = (
    offset: bigint,
    virtualAddress: bigint,
    physicalAddress: bigint,
    size: bigint,
  ): ProgramHeader => ({
    ...load,
    offset,
    virtualAddress,
    physicalAddress,
    fileSize: size,
    memorySize: size,
  });
  const programHeaders = [
    { ...at(0x1000n, 0n, 0n, 0n), type: PT_NOTE },
    at(0x3000n, 0xffffffffffffffffn, 0x22258ee00000n, 0xffffdddab2eb0000n),
    at(0xffffdddab2eb3000n, 0x13d280000000n, 0x40000000n, 0x1b200000n),
    at(0xffffdddace0b3000n, 0x13d2ab200000n, 0x6b200000n, 0x4e00000n),
  ];
  const found = findings(
    concatenate([writeHeaders({ type: ET_CORE, entry: 0n, programHeaders }, headersSize(4))]),
  ).join('\n');
  for (const what of [
    /exceeds 64 bits/,
    /text has no PT_LOAD/,
    /0x13d280000000, which is not a kernel address/,
    /cut short/,
  ])
    expect(found).toMatch(what);
});

describe('a header of x86_64', () => {
  const ovmf = recordX86('x86-64-ovmf');
  const built = buildElfcorehdr(ovmf);

  it('has no faults, with RAM to the byte and without the first MiB', () => {
    expect(findings(built)).toEqual([]);
    expect(findings(built, ovmf)).toEqual([]);
    const more = [...ovmf.memory, { start: 1n << 40n, end: (1n << 40n) + GIB }];
    expect(findings(built, { ...ovmf, memory: more })).toEqual([
      'error: RAM 0x10000000000..0x10040000000 is not dumped',
    ]);
  });

  it('may have the addresses of page tables of five levels', () => {
    const linearMap = { physical: 0n, virtual: 0xff11_0000_0000_0000n };
    const machineOf5 = { ...ovmf, ...(ovmf.crash && { crash: { ...ovmf.crash, linearMap } }) };
    expect(findings(buildElfcorehdr(machineOf5), machineOf5)).toEqual([]);
    expect(findings(built, machineOf5).join()).toMatch(/the kernel's linear map has it at 0xff11/);
  });

  it('is not compared with a machine of another architecture', () => {
    expect(findings(built, machine)).toEqual([
      `error: the file is of x86_64, and ${machine.name} is of arm64`,
    ]);
    expect(findings(header, ovmf)).toEqual(['error: the file is of arm64, and x86-64-ovmf is of x86_64']);
  });

  it('in front of a dump is checked with what follows it', () => {
    const [first, ...others] = readProgramHeaders(
      new BoundedBytes(built, { what: 'header', check: 'elf-core', errno: 'EINVAL' }),
    ).filter(({ type }) => type === PT_LOAD);
    if (first === undefined) throw new Error('the header has no PT_LOAD');
    const programHeaders = [{ ...first, offset: 4096n }, ...others];
    const bytes = writeHeaders({ type: ET_CORE, machine: EM_X86_64, entry: 0n, programHeaders }, 4096);
    const report = lintCore(createByteSource(bytes));
    expect(report.kind).toBe('vmcore');
    expect(report.findings).toContainEqual({
      severity: 'error',
      what: 'there is no VMCOREINFO: makedumpfile, crash and dmesg need it',
    });
  });
});
