import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { VirtualMemory } from '../../../src/vmcore/address/virtual-memory.js';
import { VmcoreinfoFacts } from '../../../src/vmcore/address/vmcoreinfo.js';
import { readClearedSequence } from '../../../src/vmcore/log/cleared-sequence.js';
import { ElfMemory } from '../../../src/vmcore/open/elf-memory.js';
import { openVmcoreBytes, readReducedVmcore } from '../../support/vmcore.js';

const ADDRESS = 0xffff800080000000n;

/** Memory of 24 bytes: a `struct latched_seq`. */
function readFrom(counter: number, values: readonly bigint[], lines: Record<string, string>): bigint {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, counter, true);
  for (const [index, value] of values.entries()) view.setBigUint64(8 + 8 * index, value, true);
  const load = {
    type: 1,
    flags: 4,
    offset: 0n,
    virtualAddress: ADDRESS,
    physicalAddress: 0x40000000n,
    fileSize: 24n,
    memorySize: 24n,
    alignment: 1n,
  };
  const dump = openVmcoreBytes(readReducedVmcore('linux-6.12-48bit'));
  const memory = new ElfMemory(createByteSource(bytes), [load]);
  const virtual = new VirtualMemory({ ...dump, memory, loads: [load] }, undefined);
  return readClearedSequence({ virtual, vmcoreinfo: new VmcoreinfoFacts(lines) });
}

const LINES = { 'SYMBOL(clear_seq)': ADDRESS.toString(16), 'OFFSET(latched_seq.val)': '8' };

describe('the first record that dmesg --clear did not hide', () => {
  it.each([
    [0, 7n],
    [1, 9n],
    [42, 7n],
    [43, 9n],
  ])('is the value that the counter names: %i', (counter, expected) => {
    expect(readFrom(counter, [7n, 9n], LINES)).toBe(expected);
  });

  it.each(Object.keys(LINES))('is unknown without %s', (line) => {
    const { [line]: _, ...others } = LINES as Record<string, string>;
    expect(() => readFrom(0, [0n, 0n], others)).toThrow(
      expect.objectContaining({ check: 'vmcoreinfo', errno: 'ENODATA' }),
    );
  });
});
