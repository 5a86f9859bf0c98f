import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runMakedumpfile, runMakedumpfileTo } from '../../support/arm64-program.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { FORMATS, savedBytes } from '../../support/dump-target.js';
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
  const given = (): { vmcore: string; dump: string } => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'vmcore'), readReducedVmcore(NAME));
    return { vmcore: join(folder, 'vmcore'), dump: join(folder, 'dump') };
  };

  it.each([
    ['as it is', []],
    ['by zlib', ['-c']],
    ['by lzo', ['-l']],
    ['ELF', ['-E']],
  ])('%s', (_, options) => {
    const { vmcore, dump } = given();
    runMakedumpfile(...options, '-d', '1', vmcore, dump);
    expectSame(readFileSync(dump));
  });

  it.each([
    ['compressed', ['-c']],
    ['ELF', ['-E']],
  ])('flattened, %s', (_, options) => {
    const { vmcore, dump } = given();
    runMakedumpfileTo(dump, '-F', ...options, '-d', '1', vmcore);
    expect(openVmcoreBytes(readFileSync(dump)).isFlattened).toBe(true);
    expectSame(readFileSync(dump));
  });
});

// Debian's makedumpfile knows no zstd.
describe.each(FORMATS.filter(({ compression }) => compression !== 'zstd'))(
  'of a dump that we wrote as $format, $compression,',
  (format) => {
    it.each([0, 1])('filter %i, makedumpfile makes another', (filter) => {
      const folder = makeTemporaryFolder();
      const [saved, made] = [join(folder, 'saved'), join(folder, 'made')];
      writeFileSync(saved, savedBytes(readReducedVmcore(NAME), format, filter));
      runMakedumpfile('-c', '-d', '1', saved, made);
      expectSame(readFileSync(made));
    });
  },
);
