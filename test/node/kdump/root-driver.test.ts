import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { findRootDriver } from '../../../src/node/kdump/root-driver.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { writeRoot } from '../../support/machine-root.js';

const MOUNTS =
  '21 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n22 21 0:5 / /proc rw - proc proc rw\n';
const BUILT_IN = '/usr/lib/modules/6.12/modules.builtin';

async function find(
  builtIn: string | undefined,
  modules: readonly string[],
): ReturnType<typeof findRootDriver> {
  const root = makeTemporaryFolder();
  const initrd = buildCpio(modules.map((name) => ({ name, type: 'file', bytes: Uint8Array.of(1) })));
  writeRoot(root, {
    '/proc/self/mountinfo': MOUNTS,
    '/initrd': initrd,
    ...(builtIn === undefined ? {} : { [BUILT_IN]: builtIn }),
  });
  return findRootDriver(join(root, 'initrd'), '6.12', root);
}

describe('the driver of the root file system', () => {
  it('is built into the kernel, in the initrd, or in neither', async () => {
    expect(await find('kernel/fs/ext4/ext4.ko\n', [])).toEqual({ type: 'ext4', in: 'kernel' });
    expect(await find('', ['usr/lib/modules/6.12/kernel/fs/ext4/ext4.ko.xz'])).toEqual({
      type: 'ext4',
      in: 'initrd',
    });
    expect(await find('kernel/fs/xfs/xfs.ko\n', ['usr/lib/not-ext4.ko'])).toEqual({
      type: 'ext4',
      in: undefined,
    });
  });

  it('is not known without the list of what is built in', async () => {
    expect(await find(undefined, [])).toBeUndefined();
  });
});
