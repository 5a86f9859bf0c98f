import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hex } from '../../src/base/u64.js';
import type { Kimage } from '../../src/kexec/kimage.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { countingRandom, loadOrFail } from '../support/load.js';
import { asArm64 } from '../support/machine.js';
import { readWitnessImage } from '../support/witness.js';

const readFixture = (name: string): string =>
  readFileSync(new URL(`data/${name}-before-architectures.json`, import.meta.url), 'utf8');

const describePlaces = ({ entry, segments }: Kimage): string[] => [
  ...segments.map(({ name, mem, memsz, bytes }) => `${name} ${hex(mem)} ${hex(memsz)} ${hex(bytes.length)}`),
  `entry ${hex(entry)}`,
];

/**
 * Machine files that were recorded before machines had an architecture (commit 9e67993), and the places that the same
 * commit planned on them.
 */
describe('a machine file without an architecture', () => {
  it('is one of arm64, with all its facts', () => {
    const machine = asArm64(parseMachine(readFixture('recorded')));
    expect(machine).toMatchObject({
      architecture: 'arm64',
      memorySource: 'memblock',
      totalRam: 0x67a2_4000n,
      possibleCpus: 2,
      kexecSignature: 'checked',
      lockdown: 'integrity',
      crash: { linearMap: { physical: 0x4000_0000n, virtual: 0xffff_0000_0000_0000n } },
      efiVariables: { db: Uint8Array.of(39, 0, 0, 0, 1, 2, 3) },
      arm64: { granules: [4096, 16384, 65536], mixedEndian: true, enableMethods: ['psci'] },
    });
    expect(machine.arm64.deviceTree).toHaveLength(7609);
    expect(machine.arm64.deviceTreeAddress).toBeUndefined();
    expect(asArm64(parseMachine(readFixture('qemu'))).arm64.deviceTreeAddress).toBe(0x4000_0000n);
  });

  it.each(['recorded', 'qemu'])('keeps its fields, and gets an architecture: %s', (name) => {
    const { architecture, ...fields } = JSON.parse(formatMachine(parseMachine(readFixture(name))));
    expect(architecture).toBe('arm64');
    expect(fields).toEqual(JSON.parse(readFixture(name)));
  });

  it('gives the places that were planned on it before', () => {
    const options = { commandLine: 'console=ttyAMA0' };
    const plan = (name: string, options: LoadOptions) =>
      describePlaces(
        loadOrFail(
          { kernel: readWitnessImage(), random: countingRandom, options },
          parseMachine(readFixture(name)),
        ).kimage,
      );
    const above = [
      'dtb 0xbfe00000 0x2000 0x1ea2',
      'purgatory 0xbfff0000 0x10000 0x10000',
      'entry 0xbfff041c',
    ];
    expect(plan('qemu', options)).toEqual(['kernel 0x40200000 0x3000 0x10af', ...above]);
    expect(plan('recorded', options)).toEqual(['kernel 0x40000000 0x3000 0x10af', ...above]);
    expect(plan('recorded', { type: 'crash' })).toEqual([
      'kernel 0xa0000000 0x3000 0x10af',
      'elfcorehdr 0xafff0000 0x1000 0x1000',
      'dtb 0xafe00000 0x2000 0x1ef0',
      'purgatory 0xafff1000 0xf000 0xf000',
      'entry 0xafff141c',
    ]);
  });
});
