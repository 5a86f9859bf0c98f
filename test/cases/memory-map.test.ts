import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { formatRange } from '../../src/base/range.js';
import { hex } from '../../src/base/u64.js';
import { findDumpedRanges, parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { recordFrom } from '../../src/node/collect/record-from.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const FIELD = join(import.meta.dirname, 'field');
const KMEM = join(FIELD, '21-driver-managed-memory');

describe('memory as the kernel reads it', () => {
  describe.each([
    ['kmem-mb', ['0x100000000..0x180000000']],
    ['kmem-crash', ['0x100000000..0x180000000', '0x200000000..0x280000000']],
  ])('field/21: %s', (name, managed) => {
    let machine: Machine;
    beforeAll(async () => {
      machine = await recordFrom(join(KMEM, name));
    });

    it('driver-managed memory has a PT_LOAD', () => {
      const loads = parseElfcorehdr(buildElfcorehdr(machine)).loads.map(({ physicalAddress, memorySize }) =>
        formatRange({ start: physicalAddress, end: physicalAddress + memorySize }),
      );
      expect(loads).toEqual(expect.arrayContaining(managed));
      expect(findDumpedRanges(machine).map(formatRange)).toEqual([
        '0x40000000..0x50000000',
        '0x60000000..0xc0000000',
        ...managed,
      ]);
    });

    it('no segment is placed in it', () => {
      expect(machine.driverManaged?.map(formatRange)).toEqual(managed);
      expect(machine.memory.map(formatRange)).toEqual(['0x40000000..0xc0000000']);
    });
  });

  it('field/30: overlapping memory nodes are joined', async () => {
    const machine = await recordFrom(join(FIELD, '30-overlapping-memory-nodes/m'));
    expect(machine.memory.map(formatRange)).toEqual(['0x0..0x3f800000', '0x40000000..0x200000000']);
  });

  it('field/31: a disabled memory node is no RAM', () => {
    const folder = join(FIELD, '31-disabled-memory-node');
    const file = join(makeTemporaryFolder(), 'm.json');
    expect(runCli('machine', 'record', '--from', join(folder, 'm'), '-o', file)).toMatchObject({
      status: 0,
      stderr: `${file}: 1 GiB, 1 CPU\n`,
    });
    const plan = runCli('plan', join(folder, 'Image'), '--machine', file, '--json');
    expect(plan.status).toBe(0);
    const { segments } = JSON.parse(plan.stdout);
    expect(segments[0]).toMatchObject({ name: 'kernel', mem: hex(0x4000_0000) });
  });
});
