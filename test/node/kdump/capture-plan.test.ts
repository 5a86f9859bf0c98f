import { describe, expect, it } from 'vitest';
import { attempt, type KexecError } from '../../../src/base/error.js';
import { type CapturePlan, planCapture } from '../../../src/node/kdump/capture-plan.js';
import { parseSettings } from '../../../src/settings/settings.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { writeRoot } from '../../support/machine-root.js';

const RELEASE = '6.12.118-arm64';
const UNIT = '/usr/lib/systemd/system/kexec-file-kdump-save.service';

/** The files of a Debian machine with the package. */
const DEBIAN = {
  '/proc/sys/kernel/osrelease': `${RELEASE}\n`,
  '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet crashkernel=384M\n',
  '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n',
  [UNIT]: '[Unit]\n',
  [`/boot/vmlinuz-${RELEASE}`]: '',
  [`/boot/initrd.img-${RELEASE}`]: '',
};

/** Plans for a machine with these files. @param settings - the text of its settings */
function plan(files: Readonly<Record<string, string>>, settings = ''): CapturePlan | KexecError {
  const root = makeTemporaryFolder();
  writeRoot(root, files);
  return attempt(() => planCapture(parseSettings(settings), root));
}

/** The files of a machine, without some. */
function without(files: Readonly<Record<string, string>>, ...paths: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
}

describe('the service loads', () => {
  it("the running kernel's file and initrd, with a command line that saves", () => {
    expect(plan(DEBIAN)).toMatchObject({
      kernel: `/boot/vmlinuz-${RELEASE}`,
      initrd: `/boot/initrd.img-${RELEASE}`,
      commandLine: expect.stringMatching(/^root=UUID=1 ro .*systemd\.unit=kexec-file-kdump-save\.service/),
      load: { policy: 'enforce', syscall: 'auto', options: { type: 'crash' }, needsPrediction: true },
    });
  });

  it('without irqpoll on EC2', () => {
    expect(plan(DEBIAN)).toMatchObject({ commandLine: expect.not.stringContaining('irqpoll') });
  });

  it.each([
    ['of a package with a kernel in its folder of modules', `/usr/lib/modules/${RELEASE}/vmlinuz`],
    ['of kernel-install', `/boot/0123abcd/${RELEASE}/linux`],
  ])('the kernel %s', (_, kernel) => {
    const files = {
      ...without(DEBIAN, `/boot/vmlinuz-${RELEASE}`),
      '/etc/machine-id': '0123abcd\n',
      [kernel]: '',
    };
    expect(plan(files)).toMatchObject({ kernel });
  });

  it('what the settings name, and trusts as they say, in [load] unless in [kdump]', () => {
    const settings = `
      [load]
      policy = "permissive"
      certs = ["/etc/keys/a.pem"]
      dbx = ["/etc/keys/dbx"]
      [kdump]
      kernel = "/boot/crash"
      initrd = "/boot/crash.img"
      certs = ["/etc/keys/b.pem"]
      syscall = "segments"
      append = "debug"
      after = "shell"
    `;
    const files = { ...DEBIAN, '/boot/crash': '', '/boot/crash.img': '' };
    expect(plan(files, settings)).toMatchObject({
      kernel: '/boot/crash',
      initrd: '/boot/crash.img',
      commandLine: expect.stringMatching(/udev\.children_max=2 debug$/),
      load: {
        policy: 'permissive',
        syscall: 'segments',
        trust: { certs: ['/etc/keys/b.pem'], keyrings: [], dbx: ['/etc/keys/dbx'] },
      },
    });
  });

  it('the initrd of the kernel that the settings name, if both are of one release', () => {
    const files = { ...DEBIAN, '/boot/vmlinuz-6.1': '', '/boot/initramfs-6.1.img': '' };
    expect(plan(files, '[kdump]\nkernel = "/boot/vmlinuz-6.1"')).toMatchObject({
      initrd: '/boot/initramfs-6.1.img',
    });
  });

  it('a kernel without an initrd, if it finds its root by itself', () => {
    const files = {
      ...without(DEBIAN, `/boot/initrd.img-${RELEASE}`),
      '/proc/cmdline': 'root=/dev/nvme0n1p2\n',
    };
    expect(plan(files)).toMatchObject({ initrd: undefined });
  });
});

describe('the service refuses', () => {
  it.each([
    [
      'a kernel that is gone',
      without(DEBIAN, `/boot/vmlinuz-${RELEASE}`),
      '',
      'kdump-files',
      /none of its files/,
    ],
    [
      'a root that only an initrd finds',
      without(DEBIAN, `/boot/initrd.img-${RELEASE}`),
      '',
      'kdump-files',
      /root=UUID=1/,
    ],
    [
      'a file that is not there',
      DEBIAN,
      '[kdump]\ninitrd = "/x"',
      'kdump-files',
      /initrd names \/x, which does not/,
    ],
    ['to load what saves nothing', without(DEBIAN, UNIT), '', 'kdump-unit', /is not installed/],
  ])('%s', (_, files, settings, check, seen) => {
    expect(plan(files, settings)).toMatchObject({
      check,
      errno: 'ENOENT',
      seen: expect.stringMatching(seen),
    });
  });

  it('no initrd of our own for want of the unit: it saves by itself', () => {
    const files = { ...without(DEBIAN, UNIT), '/boot/kdump.img': '' };
    expect(plan(files, '[kdump]\ninitrd = "/boot/kdump.img"')).toMatchObject({ initrd: '/boot/kdump.img' });
  });
});
