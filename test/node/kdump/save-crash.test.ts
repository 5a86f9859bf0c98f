import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SavedCrash } from '../../../src/kdump/saved-crash.js';
import { saveCrash } from '../../../src/node/kdump/save-crash.js';
import { inspectDumpFile } from '../../../src/node/vmcore/inspect-dump-file.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { readReducedVmcore } from '../../support/vmcore.js';

const SETTINGS = { filter: 'zero', compress: 'zlib', keep: 0 } as const;

interface Trial {
  readonly path: string;
  readonly saved: SavedCrash;
  readonly said: readonly string[];
}

/** Saves the bytes of a dump, as if they were /proc/vmcore. */
async function save(
  dump: Uint8Array,
  settings: Partial<Parameters<typeof saveCrash>[0]['settings']> = {},
  prepare: (path: string) => void = () => {},
): Promise<Trial> {
  const folder = makeTemporaryFolder();
  const vmcore = join(folder, 'proc-vmcore');
  writeFileSync(vmcore, dump);
  const path = join(folder, 'crash');
  mkdirSync(path);
  prepare(path);
  const said: string[] = [];
  const say = (sentence: string): void => {
    said.push(sentence);
  };
  const saved = await saveCrash({ settings: { ...SETTINGS, path, ...settings }, vmcore, say });
  return { path, saved, said };
}

describe('the save of a crash', () => {
  it('has the log, the facts, the dump and its checksum, for root alone', async () => {
    const { path, saved, said } = await save(readReducedVmcore('debian-6.1-48bit'));
    const [name = ''] = readdirSync(path);
    expect(name).toMatch(/^\d{8}-\d{6}$/);
    expect(saved).toMatchObject({
      folder: join(path, name),
      hasLog: true,
      summary: { release: expect.stringMatching(/^6\.1\./), panic: expect.stringContaining('sysrq') },
    });
    expect(readdirSync(saved.folder).sort()).toEqual(['dmesg.txt', 'info.json', 'vmcore', 'vmcore.sha256']);
    expect(statSync(saved.folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(saved.folder, 'dmesg.txt'), 'utf8')).toContain('Linux version 6.1.');
    expect(JSON.parse(readFileSync(join(saved.folder, 'info.json'), 'utf8'))).toMatchObject({
      schema: 'kexec-file/vmcore-info',
      release: saved.summary?.release,
    });
    expect(inspectDumpFile(join(saved.folder, 'vmcore'))).toMatchObject({ facts: { cpus: 2 } });
    expect(saved.size).toBe(BigInt(statSync(join(saved.folder, 'vmcore')).size));
    expect(said[0]).toMatch(/^a dump of [\d.]+ .iB, to be saved in .* are free$/);
    expect(said.some((sentence) => /^the log is in .*dmesg\.txt$/.test(sentence))).toBe(true);
    expect(said.at(-1)).toMatch(/^the dump is in .*vmcore: /);
  });

  it('falls back to a plain copy of what is no dump, and says so', async () => {
    const { saved, said } = await save(Buffer.from('no dump at all'), { filter: 'all' });
    expect(readFileSync(join(saved.folder, 'vmcore'), 'utf8')).toBe('no dump at all');
    expect(saved).toMatchObject({ hasLog: false, size: 14n });
    expect(saved.problems).toEqual([
      expect.stringMatching(/^the log cannot be read: /),
      expect.stringMatching(/; again, with all pages but those of zeros$/),
      expect.stringMatching(/; again, as a plain copy of \/proc\/vmcore$/),
    ]);
    expect(said).toEqual(expect.arrayContaining([...saved.problems]));
  });

  it('deletes older dumps, once there is a new one, and nothing else', async () => {
    const { path, saved, said } = await save(readReducedVmcore('debian-6.1-48bit'), { keep: 2 }, (folder) => {
      for (const name of ['20200101-000000', '20210101-000000', 'other']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, '20200101-000000', 'vmcore'), '');
      symlinkSync('/etc', join(folder, '20190101-000000'));
    });
    const left = readdirSync(path).sort();
    expect(left).toEqual([
      '20190101-000000',
      '20210101-000000',
      saved.folder.slice(path.length + 1),
      'other',
    ]);
    expect(said).toContain(`deleted ${join(path, '20200101-000000')}: 2 dumps stay`);
    expect(saved.problems).toEqual([]);
  });

  it('goes to the root file system, and says so, if its folder cannot be made', async () => {
    const folder = makeTemporaryFolder();
    const vmcore = join(folder, 'proc-vmcore');
    writeFileSync(vmcore, readReducedVmcore('debian-6.1-48bit'));
    const fallback = join(folder, 'var/crash');
    mkdirSync(join(fallback, '20200101-000000'), { recursive: true });
    const said: string[] = [];
    const say = (sentence: string): number => said.push(sentence);
    // A file is in the place of the folder, as a disk that cannot be mounted leaves none.
    const settings = { ...SETTINGS, path: join(vmcore, 'dumps'), keep: 1 };
    const saved = await saveCrash({ settings, vmcore, fallback, say });
    expect(dirname(saved.folder)).toBe(fallback);
    expect(readdirSync(fallback)).toEqual([basename(saved.folder)]);
    expect(readdirSync(saved.folder)).toContain('vmcore');
    expect(saved.problems).toEqual([
      expect.stringMatching(/^cannot make a folder in .*dumps: .*; again, in .*var\/crash$/),
    ]);
    expect(said[0]).toBe(saved.problems[0]);
  });

  it('fails with the reason if no folder can be made at all', async () => {
    const vmcore = join(makeTemporaryFolder(), 'proc-vmcore');
    writeFileSync(vmcore, '');
    const said: string[] = [];
    const say = (sentence: string): number => said.push(sentence);
    const [path, fallback] = [join(vmcore, 'dumps'), join(vmcore, 'crash')];
    const save = saveCrash({ settings: { ...SETTINGS, path }, vmcore, fallback, say });
    await expect(save).rejects.toMatchObject({
      check: 'file-access',
      seen: expect.stringContaining(fallback),
    });
    expect(said).toEqual([expect.stringContaining(path)]);
    const only = saveCrash({ settings: { ...SETTINGS, path }, vmcore, fallback: `${path}/`, say });
    await expect(only).rejects.toMatchObject({ check: 'file-access', seen: expect.stringContaining(path) });
    expect(said).toHaveLength(1);
  });

  it('leaves nothing where there is no dump', async () => {
    const path = join(makeTemporaryFolder(), 'crash');
    const settings = { ...SETTINGS, path };
    const refusal = saveCrash({ settings, vmcore: join(path, 'missing'), say: () => {} });
    await expect(refusal).rejects.toMatchObject({ check: 'kdump-save', errno: 'ENOENT' });
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });
});
