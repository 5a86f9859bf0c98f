/** Compares a copy of a dump with the dump. */
import { expect } from 'vitest';
import { openVmcoreBytes, readDmesg, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

export const DUMP_NAME = 'linux-6.12-48bit';

/** Expects the log and the memory of the dump that the copy was made from. */

export function expectSameDump(dump: Uint8Array): void {
  const { memory } = openVmcoreBytes(readReducedVmcore(DUMP_NAME));
  const copied = openVmcoreBytes(dump);
  expect(copied.problems).toEqual([]);
  expect(readDmesg(dump)).toEqual({ text: readExpectedDmesg(DUMP_NAME), problems: [] });
  for (const { start, end } of memory.ranges()) {
    const length = Number(end - start);
    expect(Buffer.compare(copied.memory.read(start, length), memory.read(start, length))).toBe(0);
  }
}
