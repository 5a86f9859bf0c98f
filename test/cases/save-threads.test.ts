import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { saveVmcoreFile } from '../../src/node/vmcore/save-vmcore-file.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildUsedPages } from '../support/used-pages.js';

it('a dump that several threads pack has the bytes that one thread writes', async () => {
  const folder = makeTemporaryFolder();
  const input = join(folder, 'vmcore');
  const bytes = Buffer.from(buildUsedPages('Linux 6.12').vmcore);
  // The last PT_LOAD gets so many pages, of zeros, that threads are worth their start.
  const last = 64 + (bytes.readUInt16LE(56) - 1) * 56;
  const size = 1n << 27n;
  for (const field of [32, 40]) bytes.writeBigUInt64LE(size, last + field);
  writeFileSync(input, bytes);
  truncateSync(input, Number(bytes.readBigUInt64LE(last + 8) + size));

  const options = { format: 'kdump', compression: 'zlib', threads: 1 } as const;
  for (const filter of [0, 1]) {
    const [one, several] = [join(folder, `one${filter}`), join(folder, `several${filter}`)];
    await saveVmcoreFile(input, one, { ...options, filter }, () => {});
    const { status, stderr } = runCli('vmcore', 'save', input, '-o', several, '--filter', String(filter));
    expect(status, stderr).toBe(0);
    expect(readFileSync(several).equals(readFileSync(one))).toBe(true);
  }
});
