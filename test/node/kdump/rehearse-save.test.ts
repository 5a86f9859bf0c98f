import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeRehearsal, rehearseSave } from '../../../src/node/kdump/rehearse-save.js';
import type { LiveMemoryPaths } from '../../../src/node/vmcore/live-memory.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { openVmcoreBytes, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const NAME = 'debian-6.12-52bit';

/** Writes what stands for /proc/kcore and /proc/iomem. @returns their paths */
function writeLiveMemory(bytes: Uint8Array, iomem: string): LiveMemoryPaths {
  const folder = makeTemporaryFolder();
  const paths = { memory: join(folder, 'kcore'), map: join(folder, 'iomem') };
  writeFileSync(paths.memory, bytes);
  writeFileSync(paths.map, iomem);
  return paths;
}

describe('a rehearsal of a save', () => {
  it('reads the log, and measures the dump', async () => {
    const bytes = readReducedVmcore(NAME);
    const live = writeLiveMemory(bytes, '40000000-ffffffffff : System RAM\n');
    const rehearsed = await rehearseSave({ filter: 'zero', compress: 'zlib' }, { live });
    expect(rehearsed.part).toBe(1);
    expect(rehearsed.logRecords).toBeLessThanOrEqual(readExpectedDmesg(NAME).split('\n').length);
    expect(rehearsed.logRecords).toBeGreaterThan(100);
    expect(rehearsed.size).toBeGreaterThan(4096);
    expect(rehearsed.size).toBeLessThan(bytes.length);
  });

  it('leaves out the crash region, which no dump has', async () => {
    const bytes = readReducedVmcore(NAME);
    const settings = { filter: 'none', compress: 'none' } as const;
    const measure = async (map: string): Promise<number> =>
      (await rehearseSave(settings, { live: writeLiveMemory(bytes, map) })).size ?? 0;
    const [range] = openVmcoreBytes(bytes).memory.ranges();
    const start = range?.start ?? 0n;
    const region = `${start.toString(16)}-${(start + 0xfffn).toString(16)}`;
    const ram = '40000000-ffffffffff : System RAM\n';
    // A page and its descriptor.
    const difference = (await measure(ram)) - (await measure(`${ram}  ${region} : Crash kernel\n`));
    expect(difference).toBe(4096 + 24);
  });

  it('is refused if the memory cannot be read', async () => {
    const live = { ...writeLiveMemory(new Uint8Array(0), ''), memory: join(makeTemporaryFolder(), 'none') };
    await expect(rehearseSave({ filter: 'all', compress: 'none' }, { live })).rejects.toMatchObject({
      errno: 'ENOENT',
      check: 'file-access',
    });
  });

  it.each([
    [
      { logRecords: 9, size: 3 << 20, part: 1 },
      '9 messages of its log can be read, and a dump of its memory would now take 3 MiB',
    ],
    [
      { logRecords: 9, size: 3 << 20, part: 0.259 },
      '9 messages of its log can be read, and a dump of its memory would now take 3 MiB, estimated after 25 % of it',
    ],
    [
      { logRecords: 9, size: undefined, part: 0 },
      '9 messages of its log can be read; a minute did not suffice to find out which pages would be saved',
    ],
  ])('%j is described', (rehearsed, text) => {
    expect(describeRehearsal(rehearsed)).toBe(text);
  });
});
