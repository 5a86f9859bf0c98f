import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runMakedumpfile, runMakedumpfileTo } from '../../support/arm64-program.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { FORMATS, savedBytes } from '../../support/dump-target.js';
import { openVmcoreBytes, readReducedVmcore } from '../../support/vmcore.js';
import { DUMP_NAME, expectSameDump } from './same-dump.js';

describe('a dump that makedumpfile wrote is read', () => {
  const given = (): { vmcore: string; dump: string } => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'vmcore'), readReducedVmcore(DUMP_NAME));
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
    expectSameDump(readFileSync(dump));
  });

  it.each([
    ['compressed', ['-c']],
    ['ELF', ['-E']],
  ])('flattened, %s', (_, options) => {
    const { vmcore, dump } = given();
    runMakedumpfileTo(dump, '-F', ...options, '-d', '1', vmcore);
    expect(openVmcoreBytes(readFileSync(dump)).isFlattened).toBe(true);
    expectSameDump(readFileSync(dump));
  });
});

// Debian's makedumpfile knows no zstd.
describe.each(FORMATS.filter(({ compression }) => compression !== 'zstd'))(
  'of a dump that we wrote as $format, $compression,',
  (format) => {
    it.each([0, 1])('filter %i, makedumpfile makes another', (filter) => {
      const folder = makeTemporaryFolder();
      const [saved, made] = [join(folder, 'saved'), join(folder, 'made')];
      writeFileSync(saved, savedBytes(readReducedVmcore(DUMP_NAME), format, filter));
      runMakedumpfile('-c', '-d', '1', saved, made);
      expectSameDump(readFileSync(made));
    });
  },
);
