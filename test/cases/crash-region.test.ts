import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { recordFromFolder } from '../../src/node/collect/record-folder.js';
import { buildImage } from '../support/image.js';

const readCase = (path: string): Machine =>
  recordFromFolder(fileURLToPath(new URL(`field/${path}`, import.meta.url)));

/** The finding that kdump has no crash region. */
const findMissing = (machine: Machine) => {
  const findings = diagnose(machine, {}).filter(({ topic }) => topic === 'crash-region');
  expect(findings).toHaveLength(1);
  return { fact: '', cure: '', ...findings[0] };
};

describe('field/17: crashkernel= on a release that knows less', () => {
  it('",high" before 5.19 is ignored, and the cure has none', () => {
    const { fact, cure } = findMissing(readCase('17-crashkernel-high-before-5.19/ck-high-old'));
    expect(fact).toMatch(
      /^crashkernel=1G,high crashkernel=128M,low .*5\.10\.0-28-arm64 ignores .*Linux 5\.19/,
    );
    expect(cure).toMatch(/ by crashkernel=320M on /);
    expect(cure).not.toMatch(/by [^ ]*,high/);
  });

  it('4G is too large below 4 GiB, where 5.10 reserves alone', () => {
    const machine = readCase('17-crashkernel-high-before-5.19/ck-4g-510');
    const { fact, cure } = findMissing(machine);
    expect(fact).toMatch(
      /^crashkernel=4G .*asks for 4 GiB, .*below 4 GiB, where alone 5\.10\.0-28-arm64 reserves/,
    );
    expect(cure).toMatch(/^ask for less: replace crashkernel=4G by crashkernel=320M on .*Linux 6\.2/);
    // A load says the same as doctor.
    const result = kexecFileLoad({ kernel: buildImage(), options: { type: 'crash' } }, machine);
    expect(result).toMatchObject({
      refusal: {
        check: 'crash-region',
        errno: 'EADDRNOTAVAIL',
        cure,
        seen: expect.stringContaining('asks for 4 GiB'),
      },
    });
  });

  it('the same command lines succeed, or fail otherwise, on 6.12', () => {
    const old = readCase('17-crashkernel-high-before-5.19/ck-high-old');
    const { fact } = findMissing({ ...old, kernel: { ...old.kernel, release: '6.12.0' } });
    expect(fact).toMatch(/there is room for it$/);
  });
});

describe('field/22: the cure names what this machine boots by', () => {
  const pi = () => readCase('22-cure-is-grub-on-every-board/rpi4');

  it('cmdline.txt on a Raspberry Pi without EFI', () => {
    const { cure } = findMissing(pi());
    expect(cure).toMatch(/^add crashkernel=256M to .*\/boot\/firmware\/cmdline\.txt/);
    expect(cure).not.toMatch(/grub/i);
  });

  it.each([
    [
      'grubby',
      { commandLine: 'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.11 root=/dev/vda3' },
      /grubby --update-kernel=ALL/,
    ],
    [
      'rpm-ostree',
      { commandLine: 'ostree=/ostree/boot.1/x root=/dev/vda3' },
      /rpm-ostree kargs --append=crashkernel=/,
    ],
    ['extlinux', { bootFiles: ['/boot/extlinux/extlinux.conf'], commandLine: '' }, /extlinux\.conf/],
    ['systemd-boot', { commandLine: 'initrd=\\x\\initrd root=/dev/vda3' }, /\/etc\/kernel\/cmdline/],
  ])('%s elsewhere', (_, facts, place) => {
    const board = readCase('17-crashkernel-high-before-5.19/ck-4g-510');
    expect(findMissing({ ...board, ...facts }).cure).toMatch(place);
  });

  it('all of them by loader where it is unknown', () => {
    const { cure } = findMissing(readCase('17-crashkernel-high-before-5.19/ck-4g-510'));
    for (const word of ['update-grub', 'grubby', 'systemd-boot', 'extlinux', 'U-Boot', 'cmdline.txt'])
      expect(cure).toContain(word);
  });
});
