import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EM_AARCH64 } from '../../../src/formats/elf/format.js';
import { KernelModules } from '../../../src/node/files/kernel-modules.js';
import { makeTemporaryFolder } from '../../support/cli.js';

describe('KernelModules', () => {
  it('refuses a folder without modules, a missing folder, and a file that is not a module', async () => {
    const folder = makeTemporaryFolder();
    expect(() => new KernelModules(folder, EM_AARCH64)).toThrow('contains no kernel modules');
    expect(() => new KernelModules(join(folder, 'none'), EM_AARCH64)).toThrow('cannot read');
    writeFileSync(join(folder, 'x.ko'), 'x');
    await expect(new KernelModules(folder, EM_AARCH64).readInLoadOrder(['x'])).rejects.toMatchObject({
      errno: 'ENOEXEC',
    });
  });
});
