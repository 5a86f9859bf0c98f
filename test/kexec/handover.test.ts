import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, type Range, rangeOf } from '../../src/base/range.js';
import { hex } from '../../src/base/u64.js';
import { addNode, appendProperty, findNode, getProperty, setProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { encodeRange, encodeU32, readReg } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { getSegmentRange, type Kimage } from '../../src/kexec/kimage.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { tryRanges } from '../../src/kexec/placement.js';
import { ScratchMemory } from '../../src/kexec/scratch-memory.js';
import type { HandoverFacts } from '../../src/machine/handover-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildCrashMachine } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, expectRefusal, findSegment, loadOrFail } from '../support/load.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../support/machine.js';

/** What Linux 7.3 reserved on 1 GiB with `kho_scratch=16M,128M,64M`. */
const SCRATCH: readonly Range[] = [
  rangeOf(0x7480_0000n, 16n * MIB),
  rangeOf(0x6c80_0000n, 128n * MIB),
  rangeOf(0x6880_0000n, 64n * MIB),
];
const FDT = 0x4086_4000n;
const INITRD = new Uint8Array(5000);

const FILE_CALL: LoadOptions = { call: 'file', purgatory: false, commandLine: 'quiet' };

function buildHandoverMachine(handover: HandoverFacts, facts: TestFacts = {}): Machine {
  return buildMachine({
    handover,
    reserved: SCRATCH.toSorted((a, b) => (a.start < b.start ? -1 : 1)),
    ...facts,
  });
}

function load(machine: Machine, options: LoadOptions = FILE_CALL, imageSize = 4n * MIB) {
  const kernel = buildImage({ imageSize });
  return loadOrFail({ kernel, initrd: INITRD, options, random: countingRandom }, machine);
}

function listPlaces({ segments }: Kimage): string[] {
  return segments.map(({ name, mem }) => `${name} ${hex(mem)}`);
}

/** The ranges that a property of /chosen has. */
function readChosen(kimage: Kimage, name: string): string[] | undefined {
  const chosen = findNode(parseFdt(findSegment(kimage, 'dtb').bytes), '/chosen');
  const value = chosen && getProperty(chosen, name);
  return value && readReg(value, 2, 2).map(({ address, size }) => `${hex(address)}+${hex(size)}`);
}

/** The device tree of a kernel that was itself handed something over. */
function buildHandedOverTree(): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, '#address-cells', encodeU32(2));
  setProperty(fdt, fdt.root, '#size-cells', encodeU32(2));
  const chosen = addNode(fdt.root, 'chosen');
  for (const name of ['linux,kho-fdt', 'linux,kho-scratch'])
    appendProperty(fdt, chosen, name, encodeRange({ address: 0x1000n, size: 0x1000n }, 2, 2));
  return writeFdt(fdt);
}

describe('a load with Kexec Handover', () => {
  it('lies in the first scratch area, with the list of areas as its first segment', () => {
    const { kimage, trail } = load(buildHandoverMachine({ scratch: SCRATCH, fdt: FDT }));
    expect(listPlaces(kimage)).toEqual([
      'kho-scratch 0x757f0000',
      'kernel 0x74800000',
      'initrd 0x74c00000',
      'dtb 0x75600000',
    ]);
    const list = findSegment(kimage, 'kho-scratch');
    expect(list.memsz).toBe(4096n);
    expect([...new BigUint64Array(list.bytes.slice().buffer)]).toEqual(
      SCRATCH.flatMap(({ start, end }) => [start, end - start]),
    );
    expect(readChosen(kimage, 'linux,kho-fdt')).toEqual(['0x40864000+0x1000']);
    expect(readChosen(kimage, 'linux,kho-scratch')).toEqual(['0x757f0000+0x30']);
    expect(trail).toContainEqual(expect.objectContaining({ check: 'handover', verdict: 'ok' }));
    expect(trail.filter(({ check }) => check === 'kho-hole')).toHaveLength(4);
  });

  it('says that the address of the KHO device tree is unknown, and needs it for no place', () => {
    const known = load(buildHandoverMachine({ scratch: SCRATCH, fdt: FDT }));
    const { kimage, trail } = load(buildHandoverMachine({ scratch: SCRATCH }));
    expect(listPlaces(kimage)).toEqual(listPlaces(known.kimage));
    expect(findSegment(kimage, 'dtb').memsz).toBe(findSegment(known.kimage, 'dtb').memsz);
    const note = trail.find(({ check, verdict }) => check === 'dtb-chosen' && verdict === 'note');
    expect(note?.detail).toContain('linux,kho-fdt is unknown');
  });

  it('takes the next area, lower or higher, for what the first has no room for', () => {
    const { kimage } = load(buildHandoverMachine({ scratch: SCRATCH }), FILE_CALL, 20n * MIB);
    expect(findSegment(kimage, 'kernel').mem).toBe(0x6c80_0000n);
    // Above the kernel, in the order of the areas: the first is above, too.
    expect(findSegment(kimage, 'initrd').mem).toBe(0x7480_0000n);
  });

  it('is refused without a place in scratch, whatever is free elsewhere, and the cure names kho_scratch=', () => {
    const request = { kernel: buildImage({ imageSize: 200n * MIB }), options: FILE_CALL };
    const { refusal, trail } = expectRefusal(request, buildHandoverMachine({ scratch: SCRATCH }));
    expect(refusal).toMatchObject({ check: 'kho-hole', errno: 'EADDRNOTAVAIL' });
    expect(refusal.cure).toContain('kho_scratch=');
    expect(refusal.cure).toContain('kho=off');
    expect(trail.at(-1)?.holes?.map(({ range }) => range)).toEqual(SCRATCH);
  });

  it.each<readonly [string, LoadOptions]>([
    ['a crash kernel', { ...FILE_CALL, type: 'crash' }],
    ['kexec_load', { call: 'segments' }],
    ['random places', { randomize: 1n }],
    ['the rules of 6.12', { ...FILE_CALL, rules: '6.12' }],
    ['the rules of v3', { ...FILE_CALL, rules: 'v3' }],
  ])('does not concern %s', (_, options) => {
    const machine = buildCrashMachine({ handover: { scratch: SCRATCH, fdt: FDT } });
    const { handover: __, ...without } = machine;
    expect(load(machine, options).kimage).toEqual(load(without, options).kimage);
  });

  it('notes that the areas are unknown where KHO was asked for', () => {
    const { kimage, trail } = load(
      buildMachine({ kernel: { config: { KEXEC_HANDOVER: 'y' } }, commandLine: 'kho=on' }),
    );
    expect(findSegment(kimage, 'kernel').mem).toBe(GIB);
    expect(trail).toContainEqual(expect.objectContaining({ check: 'handover', verdict: 'note' }));
  });
});

describe('what an earlier kernel handed over', () => {
  const arm64 = { deviceTree: buildHandedOverTree() };

  it.each<readonly [string, boolean, TestFacts, LoadOptions]>([
    ['deleted by a kernel with KHO', false, { kernel: { config: { KEXEC_HANDOVER: 'y' } } }, FILE_CALL],
    ['deleted by a kernel of 6.16 or later', false, { kernel: { release: '7.3.4' } }, FILE_CALL],
    ['deleted with kexec_load', false, {}, { call: 'segments' }],
    ['kept by a kernel without KHO', true, { kernel: { config: {}, release: '7.3.4' } }, FILE_CALL],
    ['kept by an older kernel', true, { kernel: { release: '6.12.117' } }, FILE_CALL],
    ['kept by the rules of 6.12', true, { kernel: { release: '7.3.4' } }, { ...FILE_CALL, rules: '6.12' }],
  ])('is %s', (_, isKept, facts, options) => {
    const { kimage } = load(buildMachine({ ...facts, arm64 }), options);
    const kept = isKept ? ['0x1000+0x1000'] : undefined;
    expect(readChosen(kimage, 'linux,kho-fdt')).toEqual(kept);
    expect(readChosen(kimage, 'linux,kho-scratch')).toEqual(kept);
  });

  it('is replaced by what this kernel hands over', () => {
    const { kimage } = load(buildHandoverMachine({ scratch: SCRATCH, fdt: FDT }, { arm64 }));
    expect(readChosen(kimage, 'linux,kho-fdt')).toEqual(['0x40864000+0x1000']);
  });
});

describe('ScratchMemory', () => {
  it('finds a place in the first area of the array that has one, in either direction', () => {
    const page = 4096n;
    const areas = fc
      .array(fc.tuple(fc.bigInt(0n, 200n), fc.bigInt(0n, 20n)), { minLength: 1, maxLength: 6 })
      .map((pairs) => pairs.map(([start, length]) => rangeOf(start * page, length * page)));
    fc.assert(
      fc.property(
        areas,
        fc.bigInt(1n, 12n),
        fc.constantFrom('bottom-up' as const, 'top-down' as const),
        (scratch, pages, direction) => {
          const request = {
            size: pages * page,
            alignment: 2n * page,
            window: { start: 10n * page, end: 150n * page },
            direction,
          };
          const memory = new ScratchMemory(scratch);
          const start = memory.findStart([], request);
          const holding = scratch.findIndex((area) => tryRanges([area], [], request).start !== undefined);
          expect(start !== undefined).toBe(holding >= 0);
          if (start === undefined) expect(memory.explain([], request)).toHaveLength(scratch.length);
          else expect(contains(scratch[holding] as Range, rangeOf(start, request.size))).toBe(true);
        },
      ),
    );
  });
});

describe('segments of a load with Kexec Handover', () => {
  it('all lie in scratch, apart from each other', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 60n), fc.nat(4_000_000), (mebibytes, initrd) => {
        const result = kexecFileLoad(
          {
            kernel: buildImage({ imageSize: mebibytes * MIB }),
            initrd: new Uint8Array(initrd + 1),
            options: FILE_CALL,
          },
          buildHandoverMachine({ scratch: SCRATCH }),
        );
        if ('refusal' in result) return;
        for (const range of result.kimage.segments.map(getSegmentRange))
          expect(SCRATCH.some((area) => contains(area, range))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
