import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openVmcoreBytes, readDmesg, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const NAME = 'linux-6.12-48bit';

/** All that a dump tells has to be what the vmcore told that it was made of. */
function expectSame(dump: Uint8Array): void {
  const { memory } = openVmcoreBytes(readReducedVmcore(NAME));
  const copied = openVmcoreBytes(dump);
  expect(copied.problems).toEqual([]);
  expect(readDmesg(dump)).toEqual({ text: readExpectedDmesg(NAME), problems: [] });
  for (const { start, end } of memory.ranges()) {
    const length = Number(end - start);
    expect(Buffer.compare(copied.memory.read(start, length), memory.read(start, length))).toBe(0);
  }
}

describe('a dump that makedumpfile wrote is read', () => {
  it.each(['snappy', 'zstd'])('by %s', (compression) => {
    const file = new URL(`../../data/vmcore/${NAME}.${compression}.gz`, import.meta.url);
    expectSame(new Uint8Array(gunzipSync(readFileSync(file))));
  });
});

// Debian's makedumpfile knows no zstd.
