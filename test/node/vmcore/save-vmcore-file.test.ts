import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { measureFree } from '../../../src/node/files/free-space.js';
import { saveVmcoreFile } from '../../../src/node/vmcore/save-vmcore-file.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildUsedPages } from '../../support/used-pages.js';

const OPTIONS = { filter: 17, format: 'kdump', compression: 'zlib' } as const;

function dump(): { folder: string; input: string; output: string } {
  const folder = makeTemporaryFolder();
  const input = join(folder, 'vmcore');
  writeFileSync(input, buildUsedPages('Linux 6.12').vmcore);
  return { folder, input, output: join(folder, 'copy') };
}

async function refusal(input: string, output: string): Promise<KexecError> {
  const error = await saveVmcoreFile(input, output, OPTIONS, () => {}).catch((cause: unknown) => cause);
  if (error instanceof KexecError) return error;
  throw error;
}

describe('the file that a vmcore is saved to', () => {
  it('has its name when it is complete, a checksum beside it, and only its owner can read it', async () => {
    const { folder, input, output } = dump();
    const { size, sha256, path, resumedAt } = await saveVmcoreFile(input, output, OPTIONS, () => {});
    const bytes = readFileSync(output);
    expect([path, size, resumedAt]).toEqual([output, BigInt(bytes.length), 0n]);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(readFileSync(`${output}.sha256`, 'utf8')).toBe(`${sha256}  copy\n`);
    expect(readdirSync(folder).sort()).toEqual(['copy', 'copy.sha256', 'vmcore']);
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('is resumed where an earlier run stopped', async () => {
    const { input, output } = dump();
    const { sha256 } = await saveVmcoreFile(input, output, OPTIONS, () => {});
    const bytes = readFileSync(output);
    rmSync(output);
    rmSync(`${output}.sha256`);
    writeFileSync(`${output}.incomplete`, bytes.subarray(0, bytes.length / 2));
    const again = await saveVmcoreFile(input, output, OPTIONS, () => {});
    expect(again).toMatchObject({ sha256, resumedAt: BigInt(Math.floor(bytes.length / 2)) });
    expect(existsSync(`${output}.incomplete`)).toBe(false);
  });

  it('is begun anew, if that is wanted', async () => {
    const { folder, input, output } = dump();
    writeFileSync(`${output}.incomplete`, 'of another dump');
    const options = { ...OPTIONS, isNew: true, hasChecksum: false };
    expect(await saveVmcoreFile(input, output, options, () => {})).toMatchObject({ resumedAt: 0n });
    expect(readdirSync(folder).sort()).toEqual(['copy', 'vmcore']);
  });

  it('has a limit', async () => {
    const { folder, input, output } = dump();
    const save = (sizeLimit: bigint) =>
      saveVmcoreFile(input, output, { ...OPTIONS, sizeLimit, isNew: true, hasChecksum: false }, () => {});
    await expect(save(10_000n)).rejects.toMatchObject({ check: 'dump-save', errno: 'EFBIG' });
    expect(readdirSync(folder).sort()).toEqual(['copy.incomplete', 'vmcore']);
    expect(statSync(`${output}.incomplete`).size).toBeLessThanOrEqual(10_000);
    const { size } = await save(1n << 30n);
    rmSync(output);
    expect(await save(size)).toMatchObject({ size });
    rmSync(output);
    await expect(save(size - 1n)).rejects.toMatchObject({ errno: 'EFBIG' });
  });

  it('is kept if the disk is full, and the error says how much room is missing', async () => {
    const { input, output } = dump();
    symlinkSync('/dev/full', `${output}.incomplete`);
    const { errno, check, seen } = await refusal(input, output);
    expect([errno, check]).toEqual(['ENOSPC', 'file-access']);
    expect(seen).toMatch(
      /^the disk is full: .*copy\.incomplete has 0 MiB, how much more is needed is not known yet/,
    );
    expect(existsSync(`${output}.incomplete`)).toBe(true);
  });

  it('is not begun if the disk has no room for it', async () => {
    const { input, output } = dump();
    const bytes = readFileSync(input);
    // The last PT_LOAD gets more memory than the disk has room, as a hole of the file.
    const last = 64 + (bytes.readUInt16LE(56) - 1) * 56;
    const size = measureFree(tmpdir()) + (1n << 36n);
    for (const field of [32, 40]) bytes.writeBigUInt64LE(size, last + field);
    writeFileSync(input, bytes);
    truncateSync(input, Number(bytes.readBigUInt64LE(last + 8) + size));
    const options = { filter: 0, format: 'elf', compression: 'none' } as const;
    const error = await saveVmcoreFile(input, output, options, () => {}).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ errno: 'ENOSPC', check: 'file-access' });
    expect(statSync(`${output}.incomplete`).blocks).toBeLessThan(1024);
  });

  it('is never an existing file, nor the dump itself', async () => {
    const { input, output } = dump();
    const alreadyExists = { errno: 'EEXIST', check: 'file-access' };
    expect(await refusal(input, input)).toMatchObject(alreadyExists);
    symlinkSync(input, `${output}.incomplete`);
    expect(await refusal(input, output)).toMatchObject(alreadyExists);
    writeFileSync(output, 'mine');
    expect(await refusal(input, output)).toMatchObject(alreadyExists);
    expect(readFileSync(output, 'utf8')).toBe('mine');
  });

  it('replaces a file and its checksum if that is wanted', async () => {
    const { folder, input, output } = dump();
    writeFileSync(output, 'old', { mode: 0o640 });
    writeFileSync(`${output}.sha256`, 'old');
    const { sha256 } = await saveVmcoreFile(input, output, { ...OPTIONS, overwrite: true }, () => {});
    expect(createHash('sha256').update(readFileSync(output)).digest('hex')).toBe(sha256);
    expect(readFileSync(`${output}.sha256`, 'utf8')).toBe(`${sha256}  copy\n`);
    expect(statSync(output).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['copy', 'copy.sha256', 'vmcore']);
  });

  it('is a file: a device or a pipe is refused before the work', async () => {
    const { input } = dump();
    for (const path of ['/dev/null', '-'])
      expect(await refusal(input, path)).toMatchObject({ errno: 'EINVAL', check: 'file-access' });
  });
});
