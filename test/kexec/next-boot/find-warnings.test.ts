import { describe, expect, it } from 'vitest';
import { NEXT_BOOT_CHECKS } from '../../../src/base/checks/next-boot-checks.js';
import { CHECKS } from '../../../src/base/checks.js';
import { ensureNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeU64 } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { findWarnings, type Warning } from '../../../src/kexec/next-boot/find-warnings.js';
import type { NextBoot } from '../../../src/kexec/next-boot/next-boot.js';
import type { KernelOptions } from '../../../src/machine/kernel-config.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { buildMachine, buildSmallDeviceTree, type TestFacts } from '../../support/machine.js';

const NEXT: NextBoot = { type: 'default', commandLine: 'root=/dev/vda quiet', initrd: { kinds: ['zstd'] } };

function warn(next: Partial<NextBoot>, facts: TestFacts = {}): Warning[] {
  return findWarnings({ ...NEXT, ...next }, buildMachine(facts));
}

function checksOf(next: Partial<NextBoot>, facts?: TestFacts): string[] {
  return warn(next, facts).map(({ check }) => check);
}

/** A device tree as a boot loader leaves it that loaded an initrd. */
function treeWithInitrd(start: bigint, end: bigint): Uint8Array {
  const fdt = parseFdt(buildSmallDeviceTree());
  const chosen = ensureNode(fdt, '/chosen');
  setProperty(fdt, chosen, 'linux,initrd-start', encodeU64(start));
  setProperty(fdt, chosen, 'linux,initrd-end', encodeU64(end));
  return writeFdt(fdt);
}

it('a load with root, initrd and the same console lacks nothing', () => {
  expect(warn({})).toEqual([]);
  expect(
    warn({ commandLine: 'console=ttyS0' }, { commandLine: 'console=tty0 console=ttyS0,115200n8' }),
  ).toEqual([]);
});

it('a load of a kernel alone lacks a command line, a root and the initrd that the running kernel had', () => {
  const running = {
    commandLine: 'root=/dev/vda',
    arm64: { deviceTree: treeWithInitrd(1n << 30n, 2n << 30n) },
  };
  const found = warn({ commandLine: '', initrd: undefined }, running);
  expect(found.map(({ check, seen }) => [check, seen])).toEqual([
    ['command-line-present', `the next kernel gets no command line; the running kernel's is "root=/dev/vda"`],
    ['root-device', 'no root= and no initrd: the next kernel finds no init, and stops'],
    [
      'initrd-present',
      'the next kernel gets no initrd, and the running kernel had one (linux,initrd-start in its device tree)',
    ],
  ]);
  for (const { cure } of found) expect(cure).toMatch(/--(command-line|initrd)/);
});

describe('a root without an initrd', () => {
  const root = (value: string) => checksOf({ commandLine: `root=${value}`, initrd: undefined });

  it.each(['/dev/vda1', 'PARTUUID=1234-02', 'PARTLABEL=root', '/dev/nfs', '8:1', 'ubi0:rootfs'])(
    'root=%s is found by the kernel',
    (value) => expect(root(value)).toEqual([]),
  );

  it.each([
    'UUID=0f1e',
    'LABEL=root',
    '/dev/mapper/vg-root',
    '/dev/disk/by-uuid/0f1e',
    'ZFS=rpool',
    'live:CDLABEL=x',
    '',
  ])('root=%s is not', (value) => expect(root(value)).toEqual(['root-device']));

  it('counts by the last root=, and what is built into the kernel counts as well', () => {
    expect(root('UUID=0f1e root=/dev/vda')).toEqual([]);
    const alone = { commandLine: '', initrd: undefined } as const;
    expect(checksOf({ ...alone, options: { INITRAMFS_SOURCE: 'x.cpio' } })).toEqual(['command-line-present']);
    expect(checksOf({ ...alone, options: { CMDLINE: 'root=/dev/vda' } })).toEqual([]);
    expect(checksOf({ ...alone, options: { CMDLINE: '', INITRAMFS_SOURCE: '' } })).toEqual([
      'command-line-present',
      'root-device',
    ]);
  });

  it('is that of the command line with which the kernel starts, where one is built in', () => {
    const CMDLINE = 'root=/dev/vda';
    const given = (commandLine: string, options: KernelOptions) =>
      checksOf({ commandLine, initrd: undefined, options });
    // It stands in for a missing one, and only for that.
    expect(given('quiet', { CMDLINE })).toEqual(['root-device']);
    expect(given('quiet', { CMDLINE, CMDLINE_EXTEND: 'y' })).toEqual([]);
    const forced = { CMDLINE, CMDLINE_FORCE: 'y' };
    expect(given('', forced)).toEqual([]);
    expect(given(CMDLINE, forced)).toEqual([]);
    expect(given('root=UUID=0f1e', forced)).toEqual(['command-line-present']);
  });

  it('is warned of with the initrd that belongs to the next kernel, which is not the running one', () => {
    const next = { initrd: undefined, commandLine: 'root=/dev/vda', release: '6.12.2' };
    const running = { commandLine: 'root=UUID=0f1e', kernel: { release: '6.12.1' } };
    expect(warn(next, running).map(({ cure }) => cure)).toEqual([
      expect.stringMatching(
        /^load one with --initrd: .*\/initrd\.img-6\.12\.2, .*\/initramfs-6\.12\.2\.img$/,
      ),
    ]);
  });

  it('shows by its name that the running kernel had an initrd', () => {
    const alone = { initrd: undefined, commandLine: 'root=/dev/vda' };
    expect(checksOf(alone, { commandLine: 'root=UUID=0f1e' })).toEqual(['initrd-present']);
    expect(checksOf(alone, { commandLine: 'initrd=\\6.12\\initrd root=/dev/vda' })).toEqual([
      'initrd-present',
    ]);
    expect(checksOf(alone, { commandLine: 'root=/dev/vda' })).toEqual([]);
    expect(checksOf(alone, { arm64: { deviceTree: treeWithInitrd(4096n, 4096n) } })).toEqual([]);
  });
});

describe('an initrd', () => {
  it('needs the decompressor of each archive', () => {
    const options = { BLK_DEV_INITRD: 'y', RD_GZIP: 'y', RD_XZ: 'y' };
    expect(checksOf({ options, initrd: { kinds: ['gzip', 'xz'] } })).toEqual([]);
    const [found] = warn({ options, initrd: { kinds: ['gzip', 'zstd', 'zstd'] } });
    expect(found).toMatchObject({
      check: 'initrd-support',
      seen: expect.stringMatching(/compressed with zstd, and the next kernel has no CONFIG_RD_ZSTD/),
      cure: expect.stringMatching(/^compress it with gzip, xz:/),
    });
    expect(checksOf({ options: {}, initrd: { kinds: ['zstd'] } })).toEqual(['initrd-support']);
    expect(checksOf({ options: undefined, initrd: { kinds: ['zstd'] } })).toEqual([]);
  });

  it('that cannot be unpacked is warned of with its own check and cure', () => {
    const problem = {
      check: 'initrd-kind',
      seen: 'it is a device tree',
      offset: 0,
      cure: 'another',
    } as const;
    expect(warn({ initrd: { kinds: [], problem } })).toEqual([
      {
        check: 'initrd-kind',
        seen: 'the next kernel cannot unpack the initrd: it is a device tree',
        cure: 'another',
      },
    ]);
  });
});

describe('the console', () => {
  const lost = (running: string, next: string) => checksOf({ commandLine: next }, { commandLine: running });

  it.each([
    ['console=ttyAMA0', 'console=ttyS0'],
    ['console=tty0 console=ttyAMA0', 'console=tty0'],
    ['console=ttyS0', 'console=ttyS1'],
    ['console=hvc0', 'quiet'],
    ['console=ttyAMA0', 'console=null'],
  ])('of %s is lost with %s', (running, next) => expect(lost(running, next)).toEqual(['console']));

  it.each([
    ['console=ttyAMA0', 'console=ttyAMA0,115200 console=ttyS0'],
    ['console=tty0', 'quiet'],
    ['console=tty1', 'console=ttyS0'],
    ['quiet', 'console=ttyS0'],
  ])('of %s is kept with %s, or not known', (running, next) => expect(lost(running, next)).toEqual([]));

  it("is that of ACPI's SPCR where no console= is", () => {
    const acpi = buildAcpiFacts({ console: { type: '16550', address: 0x3f8n, accessBits: 8 } });
    const on = (commandLine: string) => warn({ commandLine: `root=/dev/vda ${commandLine}` }, { acpi });
    expect(on('console=ttyS0')).toEqual([]);
    expect(on('quiet')).toEqual([]);
    expect(on('console=ttyAMA0')).toMatchObject([
      { check: 'console', seen: expect.stringContaining('prints to ttyS0 (SPCR)') },
    ]);
  });

  it('is that of stdout-path where no console= is', () => {
    const board = PRESETS['qemu-virt']();
    const on = (commandLine: string, running?: string) => {
      const facts = running === undefined ? {} : { commandLine: running };
      return findWarnings({ ...NEXT, commandLine }, { ...board, ...facts }).map(({ seen }) => seen);
    };
    expect(on('quiet')).toEqual([]);
    expect(on('console=ttyAMA0')).toEqual([]);
    expect(on('console=pl011,0x9000000')).toEqual([]);
    expect(on('quiet', 'console=ttyAMA0')).toEqual([]);
    expect(on('console=tty0', 'console=tty0')).toEqual([]);
    expect(on('console=ttyS0')).toEqual([
      expect.stringMatching(/has console=ttyS0, and the running one prints to ttyAMA0 \(stdout-path\)/),
    ]);
  });
});

it('a crash kernel is warned of with the options that are for it', () => {
  const running = { commandLine: 'root=UUID=1 console=ttyS0' };
  const cures = warn({ type: 'crash', commandLine: '', initrd: undefined }, running).map(({ cure }) => cure);
  expect(cures).toEqual([
    expect.stringContaining('--capture-cmdline'),
    expect.stringContaining('kexec-file crash initrd'),
    expect.stringContaining('kexec-file crash initrd'),
  ]);
});

it('each check of the table declares one errno, which --strict uses', () => {
  for (const check of Object.keys(NEXT_BOOT_CHECKS) as (keyof typeof NEXT_BOOT_CHECKS)[])
    expect(CHECKS[check].errnos).toHaveLength(1);
});
