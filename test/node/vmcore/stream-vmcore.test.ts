import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { rearrangeDump } from '../../../src/node/vmcore/rearrange-dump.js';
import { saveVmcoreFile } from '../../../src/node/vmcore/save-vmcore-file.js';
import { streamVmcore } from '../../../src/node/vmcore/stream-vmcore.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildUsedPages } from '../../support/used-pages.js';

const OPTIONS = { filter: 17, format: 'kdump', compression: 'zlib' } as const;

function dump(): { folder: string; input: string; output: string } {
  const folder = makeTemporaryFolder();
  const input = join(folder, 'vmcore');
  writeFileSync(input, buildUsedPages('Linux 6.12').vmcore);
  return { folder, input, output: join(folder, 'copy') };
}

async function stream(input: string, path: string): Promise<bigint> {
  const descriptor = openSync(path, 'w');
  try {
    return (await streamVmcore(input, descriptor, OPTIONS, () => {})).size;
  } finally {
    closeSync(descriptor);
  }
}

async function catchAsync(work: Promise<unknown>): Promise<KexecError> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof KexecError) return error;
  throw new Error('it was not refused', { cause: error });
}

describe('a stream of a vmcore', () => {
  it('becomes the file that would have been saved', async () => {
    const { folder, input, output } = dump();
    const size = await stream(input, join(folder, 'stream'));
    expect(await rearrangeDump(join(folder, 'stream'), output, {})).toEqual({ path: output, size });
    await saveVmcoreFile(input, join(folder, 'saved'), { ...OPTIONS, hasChecksum: false }, () => {});
    expect(readFileSync(output).equals(readFileSync(join(folder, 'saved')))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['copy', 'saved', 'stream', 'vmcore']);
  });

  it('whose reader is gone is an error that says so', async () => {
    const { folder, input } = dump();
    const path = join(folder, 'pipe');
    spawnSync('mkfifo', [path]);
    const reader = spawn('sh', ['-c', 'head -c 5000 < "$1" > "$1.got"', 'sh', path]);
    const { errno, check, cure } = await catchAsync(stream(input, path));
    expect([errno, check]).toEqual(['EPIPE', 'file-access']);
    expect(cure).toContain('reads the pipe');
    await once(reader, 'close');
    const refusal = await catchAsync(rearrangeDump(`${path}.got`, join(folder, 'copy'), {}));
    expect(refusal).toMatchObject({ errno: 'EINVAL', check: 'kdump-flattened' });
  });
});

describe('a stream that is rearranged', () => {
  const refused = { errno: 'EINVAL', check: 'kdump-flattened' };

  it('keeps its incomplete name if it is cut short', async () => {
    const { folder, input, output } = dump();
    await stream(input, join(folder, 'stream'));
    const whole = readFileSync(join(folder, 'stream'));
    for (const length of [0, 100, 4096, whole.length / 2, whole.length - 16, whole.length - 1]) {
      const path = join(folder, 'cut');
      writeFileSync(path, whole.subarray(0, length));
      expect(await catchAsync(rearrangeDump(path, output, {}))).toMatchObject(refused);
      expect(existsSync(output)).toBe(false);
      expect(existsSync(`${output}.incomplete`)).toBe(true);
    }
    // The next stream begins anew.
    await rearrangeDump(join(folder, 'stream'), output, {});
    expect(readdirSync(folder).sort()).toEqual(['copy', 'cut', 'stream', 'vmcore']);
  });

  it('is a flattened dump, with pieces that a file can have', async () => {
    const { folder, input, output } = dump();
    expect(await catchAsync(rearrangeDump(input, output, {}))).toMatchObject(refused);
    await stream(input, join(folder, 'stream'));
    const bytes = readFileSync(join(folder, 'stream'));
    for (const [start, size] of [
      [-2n, 16n],
      [0n, 0n],
      [0n, -5n],
      [1n << 62n, 16n],
      // Nothing but an end mark.
      [-1n, -1n],
    ] as const) {
      bytes.writeBigInt64BE(start, 4096);
      bytes.writeBigInt64BE(size, 4104);
      writeFileSync(join(folder, 'changed'), bytes);
      expect(await catchAsync(rearrangeDump(join(folder, 'changed'), output, {}))).toMatchObject(refused);
    }
  });

  it('does not replace a file unasked', async () => {
    const { folder, input, output } = dump();
    await stream(input, join(folder, 'stream'));
    writeFileSync(output, 'mine');
    const refusal = await catchAsync(rearrangeDump(join(folder, 'stream'), output, {}));
    expect(refusal).toMatchObject({ errno: 'EEXIST', check: 'file-access' });
    expect(readFileSync(output, 'utf8')).toBe('mine');
    await rearrangeDump(join(folder, 'stream'), output, { overwrite: true });
    expect(readFileSync(output).subarray(0, 5).toString()).toBe('KDUMP');
  });
});
