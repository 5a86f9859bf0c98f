/** Machines that a stranger has made large. Each would run into a time limit if the work grew with the square. */
import { describe, expect, it } from 'vitest';
import { formatRange, type Range } from '../../src/base/range.js';
import { findDumpedRanges } from '../../src/crash/elfcorehdr.js';
import { createNode, FDT_MAX_ITEMS, type Fdt } from '../../src/formats/fdt/tree.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { inspectDeviceTree } from '../../src/inspect/inspect-device-tree.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { LoadRequest } from '../../src/kexec/request.js';
import { hasSmmu } from '../../src/machine/arm64/smmu.js';
import { findMemory } from '../../src/machine/device-tree-memory.js';
import { findFreeRanges } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { recordMachine } from '../../src/machine/record.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { buildMemoryRows } from '../../src/view/memory-map/map-rows.js';
import { formatMemoryMap } from '../../src/view/memory-map/map-text.js';
import { buildBoardTree } from '../support/board.js';
import { buildImage } from '../support/image.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';

const PAGE = 4096n;

const LIMIT = { timeout: 30_000 };

/** Ranges of one page, two pages apart. */
function scatter(count: number, start = GIB): Range[] {
  return Array.from({ length: count }, (_, index) => {
    const at = start + BigInt(index) * 3n * PAGE;
    return { start: at, end: at + PAGE };
  });
}

/** A device tree with RAM, and many nodes below its root or /chosen. */
function buildWideTree(count: number, parent: 'root' | 'chosen' = 'root'): Fdt {
  const fdt = buildBoardTree({ nodes: [{ reg: [[GIB, GIB]] }] });
  const node = parent === 'root' ? fdt.root : fdt.root.children.find(({ name }) => name === 'chosen');
  for (let index = 0; index < count; index += 1) node?.children.push(createNode(`n${index}`));
  return fdt;
}

describe('38,000 ranges of memory', LIMIT, () => {
  const COUNT = 38_000;
  const memory = scatter(COUNT).map(({ start }) => ({ start, end: start + 2n * PAGE }));
  const machine = buildMachine({
    memory,
    reserved: scatter(COUNT),
    crashRegion: { high: memory[7] as Range },
  });

  it('are swept once for free memory, for the dump, and for the map', () => {
    expect(findFreeRanges(machine)).toHaveLength(COUNT);
    expect(findDumpedRanges(machine)).toHaveLength(COUNT - 1);
    expect(buildMemoryRows(machine).length).toBeGreaterThan(2 * COUNT);
    expect(formatMemoryMap(buildMemoryRows(machine), { color: false }).split('\n').length).toBeLessThan(200);
  });

  it('are written and read', () => {
    expect(parseMachine(formatMachine({ ...machine, reserved: [] })).memory).toEqual(memory);
  });

  it('may be driver-managed', () => {
    const managed = buildMachine({ driverManaged: scatter(COUNT, 8n * GIB) });
    expect(findDumpedRanges(managed)).toHaveLength(COUNT + 1);
    expect(formatMemoryMap(buildMemoryRows(managed), { color: false }).split('\n').length).toBeLessThan(200);
  });

  it('are refused if they are more than a machine file can have', () => {
    const ranges = scatter(90_000);
    expect(() => formatMachine(buildMachine({ memory: ranges }))).toThrow(
      expect.objectContaining({ check: 'machine-schema', errno: 'EINVAL' }),
    );
    const file = JSON.parse(formatMachine(buildMachine()));
    const texts = ranges.map(({ start, end }) => ({
      start: `0x${start.toString(16)}`,
      end: `0x${end.toString(16)}`,
    }));
    for (const field of ['memory', 'reserved', 'driverManaged']) {
      expect(() => parseMachine(JSON.stringify({ ...file, [field]: texts }))).toThrow(
        /more than 262144 values/,
      );
    }
  });
});

describe('texts that would take more memory than they have characters', LIMIT, () => {
  it.each([
    ['nested arrays', '['.repeat(8_000_000)],
    ['nested objects', '{"a":'.repeat(3_000_000)],
    ['empty objects', `[${'{},'.repeat(3_000_000)}{}]`],
    ['values of a wrong type', `{"memory":[${'1,'.repeat(2_000_000)}1]}`],
  ])('are refused before they are read: %s', (_, text) => {
    expect(() => parseMachine(text)).toThrow(expect.objectContaining({ check: 'machine-schema' }));
  });

  it('are refused with a bounded list of faults', () => {
    const faults = `{"memory":[${'1,'.repeat(200_000)}1]}`;
    expect(() => parseMachine(faults)).toThrow(/and \d+ more/);
  });
});

describe('a device tree with very many parts', LIMIT, () => {
  it.each(['root', 'chosen'] as const)('is read with 125,000 siblings below the %s', (parent) => {
    const fdt = buildWideTree(125_000, parent);
    const blob = writeFdt(fdt);
    expect(inspectDeviceTree(blob).nodes).toBe(125_003);
    expect(hasSmmu(fdt)).toBe(false);
    expect(recordMachine('m', { fdt: blob }).memory).toEqual([{ start: GIB, end: 2n * GIB }]);
  });

  it('is inspected with a property of 30 MiB, whose value is not printed', () => {
    const fdt = buildWideTree(0);
    const chosen = fdt.root.children.find(({ name }) => name === 'chosen');
    chosen?.properties.push({ name: 'junk', value: new Uint8Array(30 << 20) });
    expect(inspectDeviceTree(writeFdt(fdt)).chosen).toEqual({ junk: '31457280 bytes' });
  });

  it('is refused beyond 262,144 nodes and properties', () => {
    expect(() => inspectDeviceTree(writeFdt(buildWideTree(FDT_MAX_ITEMS)))).toThrow(
      expect.objectContaining({ check: 'dtb-structure', errno: 'EINVAL' }),
    );
  });

  it.each([
    ['of one NUMA node', 0],
    ['each a NUMA node', 1],
  ])('has its 30,000 memory nodes read, %s', (_, step) => {
    const nodes = Array.from({ length: 30_000 }, (__, index) => ({
      reg: [[GIB + BigInt(index) * PAGE, PAGE]] as const,
      numaNode: index * step,
    }));
    expect(findMemory(buildBoardTree({ nodes }))).toHaveLength(step === 0 ? 1 : 30_000);
  });

  it('has its 60,000 entries of reg read', () => {
    const reg = scatter(60_000).map(({ start }) => [start, PAGE] as const);
    const memory = findMemory(buildBoardTree({ nodes: [{ reg }] }));
    expect(memory).toHaveLength(60_000);
    expect(formatRange(memory[0] as Range)).toBe('0x40000000..0x40001000');
  });
});

describe('30,000 free ranges', LIMIT, () => {
  const COUNT = 30_000;

  /** Ranges in which a kernel of 128 KiB fits, 4 MiB apart. */
  const memory = Array.from({ length: COUNT }, (_, index): Range => {
    const start = GIB + BigInt(index) * 4n * MIB;
    return { start, end: start + MIB };
  });
  const kernel = buildImage({ imageSize: 0x2_0000n });

  function refusalOf(machine: Machine, contents: Partial<LoadRequest>) {
    const result = kexecFileLoad({ kernel, options: {}, ...contents }, machine);
    return 'refusal' in result ? result.refusal : undefined;
  }

  it.each<[string, Partial<LoadRequest>]>([
    ['an initrd', { initrd: new Uint8Array(3 << 20) }],
    ['an initrd, at random', { initrd: new Uint8Array(3 << 20), options: { randomize: 1n } }],
    ['a device tree', {}],
  ])('are each tried for the kernel where %s fits into none', (name, contents) => {
    const arm64 = name === 'a device tree' ? { deviceTree: writeFdt(buildWideTree(70_000)) } : {};
    expect(refusalOf(buildMachine({ memory, arm64 }), contents)).toMatchObject({
      check: 'segment-hole',
      errno: 'EADDRNOTAVAIL',
    });
  });

  it('are each tried for the kernel where the others fit into the last alone', () => {
    const last = { start: 512n * GIB, end: 513n * GIB };
    const machine = buildMachine({ memory: [...memory, last] });
    const initrd = new Uint8Array(3 << 20);
    expect(refusalOf(machine, { initrd })).toBeUndefined();
    // A draw hits the last range once in 30,000 times.
    const drawn = refusalOf(machine, { initrd, options: { randomize: 1n } });
    expect(drawn?.check).toBe('segment-hole');
  });
});
