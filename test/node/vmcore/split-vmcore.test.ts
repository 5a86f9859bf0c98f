import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { saveVmcoreFile } from '../../../src/node/vmcore/save-vmcore-file.js';
import { reassembleDump, splitVmcoreFile } from '../../../src/node/vmcore/split-vmcore.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildUsedPages } from '../../support/used-pages.js';
import { openVmcoreBytes } from '../../support/vmcore.js';

const OPTIONS = { filter: 17, format: 'kdump', compression: 'zlib' } as const;
const PAGE = 4096n;

async function split(count: number, options: Parameters<typeof splitVmcoreFile>[2] = OPTIONS) {
  const folder = makeTemporaryFolder();
  const input = join(folder, 'vmcore');
  writeFileSync(input, buildUsedPages('Linux 6.12').vmcore);
  const parts = Array.from({ length: count }, (_, index) => join(folder, `part${index}`));
  const saved = await splitVmcoreFile(input, parts, options, () => {});
  return { folder, input, parts, saved };
}

async function refusal(work: Promise<unknown>): Promise<KexecError> {
  const error = await work.catch((cause: unknown) => cause);
  if (error instanceof KexecError) return error;
  throw new Error('it was not refused', { cause: error });
}

describe('a split dump', () => {
  it.each([2, 3, 7])('of %i files becomes one dump again', async (count) => {
    const { folder, input, parts, saved } = await split(count);
    expect(saved.sizes).toEqual(parts.map((path) => BigInt(readFileSync(path).length)));
    expect(readdirSync(folder).sort()).toEqual([
      ...parts.map((path) => path.slice(folder.length + 1)),
      'vmcore',
    ]);
    const output = join(folder, 'whole');
    const size = await reassembleDump([...parts].reverse(), output, {});
    expect(size).toBe(BigInt(readFileSync(output).length));

    const whole = join(folder, 'saved');
    const { pages, leftOut } = await saveVmcoreFile(
      input,
      whole,
      { ...OPTIONS, hasChecksum: false },
      () => {},
    );
    expect(saved).toMatchObject({ pages, leftOut });
    const [made, expected] = [output, whole].map((path) => openVmcoreBytes(readFileSync(path)));
    expect(made?.problems).toEqual([]);
    expect(made?.memory.ranges()).toEqual(expected?.memory.ranges());
    for (const { start, end } of expected?.memory.presentRuns() ?? [])
      for (let at = start; at < end; at += PAGE)
        expect(
          Buffer.compare(
            made?.memory.read(at, 4096) as Uint8Array,
            expected?.memory.read(at, 4096) as Uint8Array,
          ),
        ).toBe(0);
  });

  it('has fewer pages than files, perhaps', async () => {
    const { folder, parts } = await split(64, { ...OPTIONS, filter: 31 });
    await reassembleDump(parts, join(folder, 'whole'), {});
    expect(openVmcoreBytes(readFileSync(join(folder, 'whole'))).problems).toEqual([]);
  });

  it('says of each of its files what it is', async () => {
    const { parts } = await split(2);
    const error = catchRefusal(() => openVmcoreBytes(readFileSync(parts[1] as string)));
    expect(error).toMatchObject({ errno: 'EINVAL', check: 'kdump-header' });
    expect(error?.seen).toMatch(/one of several of a split dump: it has the page frames from \d+ to \d+/);
    expect(error?.cure).toContain('--reassemble');
  });

  it('is no ELF dump, and not one file', async () => {
    const refused = { errno: 'EINVAL', check: 'dump-save' };
    expect(await refusal(split(1))).toMatchObject(refused);
    expect(await refusal(split(65))).toMatchObject(refused);
    expect(await refusal(split(2, { ...OPTIONS, format: 'elf', compression: 'none' }))).toMatchObject(
      refused,
    );
  });

  it('is put together from all its files, and from no others', async () => {
    const { folder, parts } = await split(3);
    const other = await split(3, { ...OPTIONS, filter: 1 });
    const [one = '', two = '', three = ''] = parts;
    const output = join(folder, 'whole');
    const refused = { errno: 'EINVAL', check: 'kdump-header' };
    const tried: [string[], RegExp][] = [
      [[], /no part/],
      [[one, two], /no file has/],
      [[one, three], /no file has/],
      [[two, three], /no file has/],
      [[one, two, two, three], /in another file/],
      [[one, two, other.parts[2] ?? ''], /two dumps/],
    ];
    for (const [inputs, seen] of tried) {
      const error = await refusal(reassembleDump(inputs, output, {}));
      expect(error).toMatchObject(refused);
      expect(error.seen).toMatch(seen);
      expect(existsSync(output)).toBe(false);
    }
    for (const length of [0, 5000, readFileSync(three).length - 1]) {
      truncateSync(three, length);
      expect(await refusal(reassembleDump(parts, output, {}))).toMatchObject(refused);
    }
  });
});
