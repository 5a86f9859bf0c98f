import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EM_AARCH64 } from '../../../src/formats/elf/format.js';
import { KernelModules } from '../../../src/node/files/kernel-modules.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { runProgram } from '../../support/programs.js';

const filesOf = async (modules: KernelModules, names: readonly string[]): Promise<string[]> =>
  (await modules.readInLoadOrder(names)).map(({ file }) => file);

describe('KernelModules', () => {
  it('returns each module once, after all its dependencies', async () => {
    const files = await filesOf(new KernelModules(corpus.modules(), EM_AARCH64), [
      'nvme',
      '9p',
      '9pnet-virtio',
      '9p',
    ]);
    const comesBefore = (a: string, b: string): boolean =>
      files.includes(`${a}.ko`) && files.indexOf(`${a}.ko`) < files.indexOf(`${b}.ko`);
    expect(comesBefore('nvme_core', 'nvme')).toBe(true);
    expect(comesBefore('t10_pi', 'nvme_core')).toBe(true);
    expect(comesBefore('crct10dif_generic', 'crc_t10dif')).toBe(true);
    expect(comesBefore('netfs', '9p')).toBe(true);
    expect(comesBefore('9pnet', '9pnet_virtio')).toBe(true);
    expect(new Set(files).size).toBe(files.length);
  });

  it('leaves out built-in modules, and refuses missing ones', async () => {
    const modules = new KernelModules(corpus.modules(), EM_AARCH64);
    const [first = ''] = readFileSync(join(corpus.modules(), 'modules.builtin'), 'utf8').split('\n');
    expect(await filesOf(modules, [basename(first, '.ko')])).toEqual([]);
    await expect(modules.readInLoadOrder(['nonesuch'])).rejects.toMatchObject({
      errno: 'ENOENT',
      check: 'kernel-module',
      seen: expect.stringContaining('has no module nonesuch'),
    });
  });

  it('decompresses modules', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'kernel'));
    const path = join(folder, 'kernel/9pnet.ko');
    copyFileSync(join(corpus.modules(), 'kernel/net/9p/9pnet.ko'), path);
    const [plain] = await new KernelModules(folder, EM_AARCH64).readInLoadOrder(['9pnet']);
    runProgram('xz', ['--check=crc32', path]);
    const [unpacked] = await new KernelModules(folder, EM_AARCH64).readInLoadOrder(['9pnet']);
    expect(unpacked?.file).toBe('9pnet.ko');
    expect(Buffer.compare(unpacked?.bytes ?? Buffer.of(), plain?.bytes ?? Buffer.of())).toBe(0);
  });
});
