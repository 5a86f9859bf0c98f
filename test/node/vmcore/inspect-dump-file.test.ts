import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectDumpFile } from '../../../src/node/vmcore/inspect-dump-file.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { readReducedVmcore } from '../../support/vmcore.js';

it('reads of a dump what it needs, whatever its size', () => {
  const path = join(makeTemporaryFolder(), 'vmcore');
  writeFileSync(path, readReducedVmcore('debian-6.1-48bit'));
  truncateSync(path, 6 * 2 ** 30);
  expect(inspectDumpFile(path)).toMatchObject({
    kind: 'ELF core',
    facts: { release: expect.stringMatching(/^6\.1\./), cpus: 2 },
  });
});

it('leaves other files, folders and files that cannot be reached to others', () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, 'text'), 'x');
  writeFileSync(join(folder, 'empty'), '');
  for (const name of ['text', 'empty', 'missing', '.', 'text/x', 'x'.repeat(300)])
    expect(inspectDumpFile(join(folder, name))).toBeUndefined();
});
