import { describe, expect, it } from 'vitest';
import { addNode, setProperty } from '../../src/formats/fdt/edit.js';
import { createFdt } from '../../src/formats/fdt/tree.js';
import { encodeString } from '../../src/formats/fdt/values.js';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { type BootLoader, describeCommandLinePlace, findBootLoader } from '../../src/machine/boot-loader.js';
import { buildMachine, type TestFacts } from '../support/machine.js';
import { encodeEfiText } from '../support/machine-root.js';

/** A device tree whose root is compatible with this board, with these texts in /chosen. */
function buildTree(board: string, chosen: Readonly<Record<string, string>> = {}): Uint8Array {
  const fdt = createFdt();
  setProperty(fdt, fdt.root, 'compatible', encodeString(board));
  const node = addNode(fdt.root, 'chosen');
  for (const [name, text] of Object.entries(chosen)) setProperty(fdt, node, name, encodeString(text));
  return writeFdt(fdt);
}

const onBoard = (board: string, chosen = {}, facts: TestFacts = {}): TestFacts => ({
  ...facts,
  arm64: { deviceTree: buildTree(board, chosen) },
});
const EFI = { 'linux,uefi-system-table': 'x' };
const UBOOT = { 'u-boot,version': '2024.01' };
const onEfi = (facts: TestFacts): TestFacts => onBoard('acme,server', EFI, facts);
const byRelease = (release: string, commandLine = 'BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1') =>
  onEfi({ kernel: { release }, commandLine });
const withLoader = (LoaderInfo: string, facts: TestFacts = {}) =>
  onEfi({ efiVariables: { LoaderInfo: encodeEfiText(LoaderInfo) }, ...facts });

describe('what a machine boots by', () => {
  it.each<[BootLoader | undefined, TestFacts]>([
    ['update-grub', byRelease('6.12.117+deb13-arm64')],
    ['update-grub', byRelease('6.8.0-45-generic')],
    ['grubby', byRelease('5.14.0-427.el9.aarch64', 'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-5.14 root=/dev/vda3')],
    ['grubby', byRelease('6.11.4-301.fc41.aarch64')],
    ['grub', byRelease('6.4.0-150600.23-default')],
    ['grub', { ...byRelease('6.12.0'), bootFiles: ['/etc/default/grub', '/usr/sbin/grub2-mkconfig'] }],
    ['grubby', withLoader('GRUB 2.12', { bootFiles: ['/etc/default/grub', '/usr/sbin/grubby'] })],
    ['update-grub', withLoader('GRUB 2.12', { bootFiles: ['/usr/sbin/update-grub'] })],
    ['systemd-boot', withLoader('systemd-boot 254', { bootFiles: ['/etc/default/grub'] })],
    ['systemd-boot', onEfi({ commandLine: 'initrd=\\debian\\initrd root=/dev/vda2' })],
    ['systemd-boot', onEfi({ bootFiles: ['/efi/loader/loader.conf'] })],
    [
      'uki',
      withLoader('systemd-boot 254', { efiVariables: { StubInfo: encodeEfiText('systemd-stub 254') } }),
    ],
    [
      'rpm-ostree',
      byRelease('6.11.4-301.fc41.aarch64', 'BOOT_IMAGE=(hd0,gpt3)/ostree/x ostree=/ostree/boot.1'),
    ],
    ['rpm-ostree', onEfi({ bootFiles: ['/run/ostree-booted'] })],
    ['nixos', onEfi({ commandLine: 'initrd=\\x init=/nix/store/abc/init' })],
    ['raspberry-pi', onBoard('raspberrypi,4-model-b')],
    ['raspberry-pi', onBoard('acme,carrier', {}, { bootFiles: ['/boot/firmware/cmdline.txt'] })],
    // A Raspberry Pi may boot by EFI, or by U-Boot.
    ['update-grub', { ...byRelease('6.8.0-45-generic'), ...onBoard('raspberrypi,4-model-b', EFI) }],
    ['u-boot', onBoard('raspberrypi,3-model-b', UBOOT)],
    ['u-boot', onBoard('rockchip,rk3588', UBOOT)],
    ['extlinux', onBoard('rockchip,rk3588', UBOOT, { bootFiles: ['/boot/extlinux/extlinux.conf'] })],
    ['extlinux', onBoard('nvidia,p3737', {}, { bootFiles: ['/boot/extlinux/extlinux.conf'] })],
    ['u-boot-menu', onBoard('pine64,x', UBOOT, { bootFiles: ['/usr/sbin/u-boot-update'] })],
    ['armbian', onBoard('xunlong,x', UBOOT, { bootFiles: ['/boot/armbianEnv.txt'] })],
    ['flash-kernel', onBoard('solidrun,x', {}, { bootFiles: ['/etc/default/flash-kernel'] })],
    ['u-boot', onBoard('acme,board', { bootargs: 'root=/dev/mmcblk0p1' })],
    // U-Boot may start an EFI boot loader.
    ['u-boot', onBoard('acme,board', { ...UBOOT, ...EFI })],
    [
      'systemd-boot',
      onBoard('acme,board', { ...UBOOT, ...EFI }, { bootFiles: ['/boot/loader/loader.conf'] }),
    ],
    [undefined, onEfi({ arm64: { deviceTree: buildTree('acme,server', { ...EFI, bootargs: 'quiet' }) } })],
    ['hypervisor', onBoard('linux,dummy-virt', { bootargs: 'quiet' })],
    ['hypervisor', { qemu: { machine: 'virt', cpu: 'max', memory: '1G', cpus: 1 } }],
    [undefined, onBoard('acme,board')],
    [undefined, onEfi({ commandLine: 'root=/dev/vda1' })],
    [undefined, { arm64: { deviceTree: new Uint8Array(9) } }],
  ])('is %s', (loader, facts) => {
    expect(findBootLoader(buildMachine(facts))).toBe(loader);
  });
});

describe('where to change the command line', () => {
  it('is a command with the parameter, or a file', () => {
    const place = (facts: TestFacts) => describeCommandLinePlace(buildMachine(facts), 'crashkernel=256M a=b');
    expect(place(byRelease('6.11.4-301.fc41.aarch64'))).toBe(
      'grubby --update-kernel=ALL --args="crashkernel=256M a=b"',
    );
    expect(place(onEfi({ bootFiles: ['/run/ostree-booted'] }))).toBe(
      'rpm-ostree kargs --append=crashkernel=256M --append=a=b',
    );
    expect(place(onBoard('raspberrypi,4-model-b'))).toContain('/boot/firmware/cmdline.txt');
  });

  it('is listed by boot loader if that is unknown', () => {
    const place = describeCommandLinePlace(buildMachine(), 'crashkernel=256M');
    for (const word of [
      'update-grub',
      'grubby',
      '/etc/kernel/cmdline',
      'rpm-ostree',
      'extlinux',
      'bootargs',
    ]) {
      expect(place).toContain(word);
    }
  });
});
