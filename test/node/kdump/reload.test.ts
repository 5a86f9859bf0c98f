import { expect, it } from 'vitest';
import { attempt } from '../../../src/base/error.js';
import { planReload } from '../../../src/node/kdump/reload.js';
import { parseSettings } from '../../../src/settings/settings.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { writeRoot } from '../../support/machine-root.js';

/** A machine in which a file is where the folder for dumps should be. */
const FILES = {
  '/proc/sys/kernel/osrelease': '6.12.118-arm64\n',
  '/proc/cmdline': 'root=/dev/vda crashkernel=384M\n',
  '/usr/lib/systemd/system/kexec-file-kdump-save.service': '[Unit]\n',
  '/boot/vmlinuz-6.12.118-arm64': '',
  '/boot/initrd.img-6.12.118-arm64': '',
  '/boot/kdump.img': '',
  '/var/crash': '',
};

it('a reload refuses a folder for dumps that cannot be used, whatever is loaded', () => {
  const root = makeTemporaryFolder();
  writeRoot(root, FILES);
  const plan = (settings: string): unknown => attempt(() => planReload(parseSettings(settings), root));
  expect(plan('')).toMatchObject({ check: 'kdump-target', errno: 'ENOTDIR' });
  expect(plan('[kdump]\npath = "/srv/dumps"')).toMatchObject({ initrd: '/boot/initrd.img-6.12.118-arm64' });
  // An initrd of the administrator's own saves elsewhere.
  expect(plan('[kdump]\ninitrd = "/boot/kdump.img"')).toMatchObject({ initrd: '/boot/kdump.img' });
});
