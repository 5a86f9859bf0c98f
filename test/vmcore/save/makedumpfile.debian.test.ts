import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reassembleDump, splitVmcoreFile } from '../../../src/node/vmcore/split-vmcore.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { FORMATS, savedBytes, streamedBytes } from '../../support/dump-target.js';
import { runMakedumpfile, runMakedumpfileFrom, runMakedumpfileTo } from '../../support/package-program.js';
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

/** Debian's makedumpfile knows neither. */
const UNKNOWN: readonly string[] = ['snappy', 'zstd'];

describe.each(FORMATS.filter(({ compression }) => !UNKNOWN.includes(compression)))(
  'of a dump that we wrote as $format, $compression,',
  (format) => {
    it.each([0, 1])('filter %i, makedumpfile makes another', (filter) => {
      const folder = makeTemporaryFolder();
      const [saved, made] = [join(folder, 'saved'), join(folder, 'made')];
      writeFileSync(saved, savedBytes(readReducedVmcore(DUMP_NAME), format, filter));
      runMakedumpfile('-c', '-d', '1', saved, made);
      expectSameDump(readFileSync(made));
    });

    it('makedumpfile -R makes the same file of the stream', () => {
      const folder = makeTemporaryFolder();
      const [stream, made] = [join(folder, 'stream'), join(folder, 'made')];
      writeFileSync(stream, streamedBytes(readReducedVmcore(DUMP_NAME), format, 1));
      runMakedumpfileFrom(stream, '-R', made);
      const saved = savedBytes(readReducedVmcore(DUMP_NAME), format, 1);
      expect(Buffer.compare(readFileSync(made), saved)).toBe(0);
    });
  },
);

describe('a split dump', () => {
  it('that we wrote becomes one by makedumpfile --reassemble', async () => {
    const folder = makeTemporaryFolder();
    const [input, made] = [join(folder, 'vmcore'), join(folder, 'made')];
    writeFileSync(input, readReducedVmcore(DUMP_NAME));
    const parts = [1, 2, 3].map((part) => join(folder, `part${part}`));
    const options = { filter: 1, format: 'kdump', compression: 'zlib' } as const;
    await splitVmcoreFile(input, parts, options, () => {});
    runMakedumpfile('--reassemble', ...parts, made);
    expectSameDump(readFileSync(made));
  });

  it('that makedumpfile wrote becomes one by us', async () => {
    const folder = makeTemporaryFolder();
    const [input, made] = [join(folder, 'vmcore'), join(folder, 'made')];
    writeFileSync(input, readReducedVmcore(DUMP_NAME));
    const parts = [1, 2].map((part) => join(folder, `part${part}`));
    runMakedumpfile('--split', '-c', '-d', '1', input, ...parts);
    await reassembleDump(parts, made, {});
    expectSameDump(readFileSync(made));
  });
});
