import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { ROOT } from './controller.js';
import { runTasksHere } from './run-tasks-here.js';

const RELEASES = ['6.12.2-arm64', '6.12.1-arm64'];

/** As Debian's update-grub writes it, of two kernels. */
const GRUB_CFG = `
set default="0"
if [ x"\${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
	linux	/boot/vmlinuz-6.12.2-arm64 root=UUID=1 ro quiet
	initrd	/boot/initrd.img-6.12.2-arm64
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1' {
${RELEASES.map(listEntries).join('')}}
`;

function listEntries(release: string): string {
  return [
    ['advanced', 'ro quiet'],
    ['recovery', 'ro single'],
  ]
    .map(
      ([
        kind,
        options,
      ]) => `	menuentry 'Linux ${release} ${kind}' $menuentry_id_option 'gnulinux-${release}-${kind}-1' {
		linux	/boot/vmlinuz-${release} root=UUID=1 ${options}
		initrd	/boot/initrd.img-${release}
	}
`,
    )
    .join('');
}

describe('the known-good kernel for the next boot by firmware', () => {
  it.each([
    ['6.12.1-arm64', 'gnulinux-advanced-1>gnulinux-6.12.1-arm64-advanced-1'],
    ['6.12.2-arm64', 'gnulinux-advanced-1>gnulinux-6.12.2-arm64-advanced-1'],
  ])("is GRUB's entry of the running kernel %s", (release, entry) => {
    expect(runTasks({ boot_loader: 'grub', release })).toEqual({
      status: 0,
      called: `grub-reboot ${entry}\n`,
    });
  });

  it('is none if GRUB has no entry of it', () => {
    expect(runTasks({ boot_loader: 'grub', release: '6.1.0-arm64' })).toEqual({ status: 2, called: '' });
  });

  it.each([
    ['systemd-boot', 'bootctl set-oneshot @current\n'],
    ['efibootmgr', 'efibootmgr\nefibootmgr --quiet --bootnext 0003\n'],
    ['none', ''],
  ])('is set by %s', (loader, called) => {
    expect(runTasks({ boot_loader: loader, release: '6.12.1-arm64' })).toEqual({ status: 0, called });
  });

  it('is the one that the user names', () => {
    const run = runTasks(
      { boot_loader: 'grub', release: '6.12.1-arm64' },
      { kexec_file_known_good_entry: 'mine' },
    );
    expect(run).toEqual({ status: 0, called: 'grub-reboot mine\n' });
  });
});

/** Runs the tasks on this machine, with programs that only write down how they were called. */
function runTasks(before: object, variables: object = {}): { status: number | null; called: string } {
  const folder = makeTemporaryFolder();
  const root = join(folder, 'root');
  mkdirSync(join(root, 'boot/grub'), { recursive: true });
  writeFileSync(join(root, 'boot/grub/grub.cfg'), GRUB_CFG);
  for (const release of RELEASES)
    for (const name of ['vmlinuz', 'initrd.img']) writeFileSync(join(root, `boot/${name}-${release}`), '');
  writeFileSync(join(root, 'boot/grub/grubenv'), '# GRUB Environment Block\n');
  const log = join(folder, 'called');
  const write = (name: string): string =>
    `echo "${name}\${*:+ $*}" >> ${log}; echo "BootCurrent: 0003"; echo "BootOrder: 0003,0001"`;
  const { status } = runTasksHere({
    folder,
    role: 'reboot',
    files: ['known-good'],
    variables: { kexec_file_reboot_before: before, ...variables },
    programs: {
      ...Object.fromEntries(['grub-reboot', 'bootctl', 'efibootmgr'].map((name) => [name, write(name)])),
      'kexec-file': `exec ${process.execPath} ${join(ROOT, 'bin/kexec-file.js')} "$@" --root ${root}`,
    },
  });
  return { status, called: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}
