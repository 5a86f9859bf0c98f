import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoaded } from '../system/administration.js';
import { findDeb } from '../system/packages.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from '../system/run-system.js';
import { Controller } from './controller.js';
import { expectFailure, expectSuccess } from './expect-run.js';
import { HOST_VARIABLES, listFiles, PATIENCE, PLAY_TIMEOUT, prepareHost } from './host.js';

const PLAYBOOK = 'kexec_file.fleet.kdump';

/**
 * Stands for Debian's update-grub, which needs the disk of an installed system: it reads the same settings, and writes an
 * entry in the same form.
 */
const UPDATE_GRUB = `#!/bin/sh
set -e
. /etc/default/grub
for file in /etc/default/grub.d/*.cfg; do [ ! -e "$file" ] || . "$file"; done
cat > /boot/grub/grub.cfg <<END
set default="0"
menuentry 'Debian GNU/Linux' --id debian {
	linux	/boot/vmlinuz-$(uname -r) $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT
	initrd	/boot/initrd.img-$(uname -r)
}
END
`;

/** Each test continues where the one before it ended. */
describe('the role kdump, with one Debian system under UEFI', { timeout: PLAY_TIMEOUT }, () => {
  let system: DebianSystem;
  let controller: Controller;

  beforeAll(async () => {
    system = await runSystem({ name: 'fleet-kdump', firmware: 'uefi', commandLine: PATIENCE });
    await prepareHost(system);
    await installGrub();
    controller = new Controller('kdump');
    setHost({ keep: 3 });
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(async () => {
    await system?.stop();
    controller?.remove();
  });

  async function installGrub(): Promise<void> {
    await system.writeFile('/usr/sbin/update-grub', UPDATE_GRUB);
    await system.succeed(`
      chmod +x /usr/sbin/update-grub
      mkdir -p /boot/grub /etc/default/grub.d
      echo '# GRUB Environment Block' > /boot/grub/grubenv
      echo "GRUB_CMDLINE_LINUX='$(cat /proc/cmdline) crashkernel=64M'" > /etc/default/grub
      echo 'GRUB_CMDLINE_LINUX_DEFAULT="quiet crashkernel=32M,high"' >> /etc/default/grub
      update-grub
      sync`);
  }

  function setHost(settings: object, variables: object = {}): void {
    controller.setHosts(
      { one: { system } },
      {
        ...HOST_VARIABLES,
        kexec_file_debs: { aarch64: findDeb('kexec-file', 'arm64') },
        kexec_file_kdump_settings: settings,
        kexec_file_reboot_timeout: 1800,
        ...variables,
      },
    );
  }

  it('changes nothing in check mode, and shows the plan', async () => {
    const files = await listFiles(system);
    const run = await controller.run(PLAYBOOK, '--check', '--diff');
    expectSuccess(run, /one would get the package first/);
    expect(run.output).toContain('+keep = 3');
    expect(await listFiles(system)).toEqual(files);
  });

  it('sizes, configures, and says that a reboot is missing', async () => {
    const boot = await system.bootId();
    expectSuccess(
      await controller.run(PLAYBOOK),
      /The crash kernel needs crashkernel=\d+M, which is set for the next boot\. Reboot the host/,
    );
    expect(await system.bootId()).toBe(boot);
    expect(await system.succeed('grep -o "crashkernel=[^ ]*" /boot/grub/grub.cfg')).toMatch(
      /^crashkernel=\d{3}M\n$/,
    );
    expect(await system.succeed('kexec-file kdump show')).toMatch(/shim\.efi/);
    expect(await system.succeed('systemctl is-enabled kexec-file-kdump')).toBe('enabled\n');
  });

  it('refuses settings that kexec-file refuses, and leaves the file as it was', async () => {
    const before = await system.succeed('cat /etc/kexec-file.conf');
    setHost({ keep: 'three' });
    expectFailure(await controller.runRoles(['kdump']), /keep.*whole number of dumps/);
    expect(await system.succeed('cat /etc/kexec-file.conf')).toBe(before);
    setHost({ keep: 3 });
  });

  it('shows in check mode what it would load', async () => {
    await system.reboot('kexec-file load --default --keyring /root/shim.efi && systemctl kexec');
    const files = await listFiles(system);
    setHost({ keep: 2 }, { kexec_file_kdump_crash: true });
    const run = await controller.run(PLAYBOOK, '--check', '--diff');
    expectSuccess(run, /one would be crashed/);
    expect(run.output).toMatch(/-keep = 3\n *\+keep = 2\n/);
    expect(await listFiles(system)).toEqual(files);
    expect(await isLoaded(system, 'crash')).toBe(true);
  });

  it('loads, rehearses, crashes the canary, and reads its dump', async () => {
    const boot = await system.bootId();
    const run = await controller.run(PLAYBOOK);
    expectSuccess(run, /one: a crash would be captured; \d+ MiB are reserved/);
    expectSuccess(
      run,
      /one saved its dump in \/var\/crash\/\d{8}-\d{6}: \S+, Kernel panic - not syncing: sysrq triggered crash/,
    );
    expect(await system.bootId()).not.toBe(boot);
    expect(await system.succeed('kexec-file vmcore dmesg /var/crash/*/vmcore')).toContain(
      'sysrq: Trigger a crash',
    );
    expect(await system.run('cat /run/kexec-file-fleet.lock')).toMatchObject({ status: 1 });
  });

  it('crashes nothing where a crash would not be captured', async () => {
    const boot = await system.bootId();
    expectFailure(
      await controller.runRoles(['kdump']),
      /Nothing was crashed: a crash of this host would not/,
    );
    expect(await system.bootId()).toBe(boot);
  });
});
