import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KernelModules } from '../../../src/node/files/kernel-modules.js';
import { makeTemporaryFolder } from '../../support/cli.js';

describe('KernelModules', () => {
  it('refuses a folder without modules, a missing folder, and a file that is not a module', async () => {
    const folder = makeTemporaryFolder();
    expect(() => new KernelModules(folder)).toThrow('contains no kernel modules');
    expect(() => new KernelModules(join(folder, 'none'))).toThrow('cannot read');
    writeFileSync(join(folder, 'x.ko'), 'x');
    await expect(new KernelModules(folder).readInLoadOrder(['x'])).rejects.toMatchObject({
      errno: 'ENOEXEC',
    });
  });
});
