import { describe, expect, it } from 'vitest';
import { formatRange, type Range, rangeOf } from '../../src/base/range.js';
import { hex } from '../../src/base/u64.js';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { findNode, getProperty } from '../../src/formats/fdt/edit.js';
import { parseFdt } from '../../src/formats/fdt/parse.js';
import { readReg } from '../../src/formats/fdt/values.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { buildCrashMachine, CRASH_REGION } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { countingRandom, findSegment, loadOrFail } from '../support/load.js';
import { MIB } from '../support/machine.js';

/** In the order of a kernel that found the second lower. */
const CMA: readonly Range[] = [rangeOf(0x7400_0000n, 64n * MIB), rangeOf(0x5000_0000n, 32n * MIB)];

const machine = buildCrashMachine({
  kernel: { release: '7.3.4' },
  reserved: [CMA[1] as Range, CRASH_REGION, CMA[0] as Range],
  crashCma: CMA,
});

function load(options: LoadOptions = {}, on: Machine = machine): Kimage {
  const kernel = buildImage({ imageSize: 4n * MIB });
  return loadOrFail(
    { kernel, options: { type: 'crash', purgatory: false, ...options }, random: countingRandom },
    on,
  ).kimage;
}

function readUsableMemory(kimage: Kimage): string[] {
  const chosen = findNode(parseFdt(findSegment(kimage, 'dtb').bytes), '/chosen');
  const value = chosen && getProperty(chosen, 'linux,usable-memory-range');
  return value === undefined
    ? []
    : readReg(value, 2, 2).map(({ address, size }) => formatRange(rangeOf(address, size)));
}

/** The RAM that is dumped, without the kernel's text. */
function listDumped(kimage: Kimage): string[] {
  const { loads } = parseElfcorehdr(findSegment(kimage, 'elfcorehdr').bytes);
  return loads
    .slice(1)
    .map(({ physicalAddress, memorySize }) => formatRange(rangeOf(physicalAddress, memorySize)));
}

describe('a crash kernel on a machine with crash CMA', () => {
  const region = formatRange(CRASH_REGION);

  it('gets the ranges as RAM after the crash region, and does not dump them', () => {
    const kimage = load();
    expect(readUsableMemory(kimage)).toEqual([region, ...CMA.map(formatRange)]);
    expect(listDumped(kimage)).toEqual([
      '0x40000000..0x50000000',
      '0x52000000..0x60000000',
      '0x70000000..0x74000000',
      '0x78000000..0x80000000',
    ]);
  });

  it('lies in the crash region alone', () => {
    const { crashCma: _, ...without } = machine;
    const places = ({ segments }: Kimage) => segments.map(({ name, mem }) => `${name} ${hex(mem)}`);
    expect(places(load())).toEqual(places(load({}, without)));
  });

  it('gets them by kexec_load, and by the rules of 7.3, but not by those of releases without', () => {
    expect(readUsableMemory(load({ call: 'segments' }))).toHaveLength(3);
    expect(readUsableMemory(load({ rules: '7.3' }))).toHaveLength(3);
    for (const rules of ['6.12', 'v3'] as const) {
      const kimage = load({ rules });
      expect(readUsableMemory(kimage)).toEqual([region]);
      expect(listDumped(kimage)).toEqual(['0x40000000..0x60000000', '0x70000000..0x80000000']);
    }
  });
});
