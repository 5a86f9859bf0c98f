import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attempt, KexecError } from '../../../src/base/error.js';
import { recordFiles } from '../../../src/machine/collect/record-files.js';
import { SOURCES } from '../../../src/machine/collect/sources.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { buildCollectorScript } from '../../../src/node/collect/collector-script.js';
import { recordFrom } from '../../../src/node/collect/record-from.js';
import { collectLive, recordLive } from '../../../src/node/collect/record-live.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildSmallDeviceTree, GIB } from '../../support/machine.js';
import { buildKcore, buildMachineFiles, RELEASE, VMCOREINFO, writeRoot } from '../../support/machine-root.js';
import { runProgram } from '../../support/programs.js';

type Files = Record<string, string | Uint8Array>;

/** Creates a root folder with these files, and a working folder. */
function setUp(files: Files): { root: string; work: string } {
  const folder = makeTemporaryFolder();
  const root = join(folder, "root of 'a' machine");
  mkdirSync(root);
  writeRoot(root, files);
  return { root, work: folder };
}

function recordOf(root: string): Machine {
  const { files, unknown } = collectLive(root);
  return recordFiles('m', files, { unknown });
}

/** Runs the collector for the files below `root`. Returns the path of the tar. */
function collect({ root, work }: { root: string; work: string }): string {
  const tar = join(work, 'm.tar');
  const args = ['-s', '--', '-o', tar, '-r', root];
  expect(runProgram('sh', args, { input: buildCollectorScript() })).toBe('');
  return tar;
}

/** A change of the root, and the facts that are unknown after it. */
const CASES: readonly [string, (files: Files) => void, Record<string, string>][] = [
  ['all files', () => {}, {}],
  [
    'only the files that a machine needs',
    (files) => {
      for (const path of Object.keys(files)) {
        if (!/iomem|osrelease|\/fdt$/.test(path)) delete files[path];
      }
    },
    {
      'memblock-memory': 'not found: the kernel needs CONFIG_DEBUG_FS',
      vmcoreinfo: 'not found: the kernel needs CONFIG_PROC_KCORE',
      'crash-notes': 'not found: the kernel needs CONFIG_CRASH_DUMP (CONFIG_KEXEC before 6.9)',
      'kexec-load-disabled': 'not found: the kernel needs CONFIG_KEXEC or CONFIG_KEXEC_FILE',
    },
  ],
  [
    'a configuration in /proc',
    (files) => {
      const path = `/boot/config-${RELEASE}`;
      files['/proc/config.gz'] = gzipSync(files[path] as string);
      delete files[path];
    },
    {},
  ],
  [
    'a kernel before 6.0',
    (files) => {
      files['/proc/kcore'] = buildKcore(VMCOREINFO.replace(/^NUMBER\(MODULES.*\n/gm, ''));
    },
    {},
  ],
  [
    'hidden addresses',
    (files) => {
      files['/proc/kcore'] = buildKcore('OSRELEASE=4.19.0\n');
      files['/proc/kallsyms'] = '0000000000000000 T _text\n0000000000000000 B _end\n';
    },
    { kallsyms: 'no address in it: read it as root, with kernel.kptr_restrict 0 or 1' },
  ],
  [
    'a /proc/kcore without the note',
    (files) => {
      files['/proc/kcore'] = buildKcore('').map((byte) => (byte === 0x56 ? 0x57 : byte));
    },
    { vmcoreinfo: expect.stringMatching(/\/proc\/kcore has no note VMCOREINFO; the kernel needs/) },
  ],
  [
    'a CPU without crash notes',
    (files) => {
      delete files['/sys/devices/system/cpu/cpu10/crash_notes'];
    },
    { 'crash-notes': expect.stringContaining('CONFIG_CRASH_DUMP') },
  ],
  [
    'a machine without ACPI',
    (files) => {
      for (const path of Object.keys(files)) if (path.includes('/acpi/')) delete files[path];
    },
    {},
  ],
  [
    'a machine without EFI',
    (files) => {
      for (const path of Object.keys(files)) {
        if (/\/(efi|platform)\//.test(path)) delete files[path];
      }
    },
    {},
  ],
  [
    'crash CMA',
    (files) => {
      files['/sys/kernel/kexec/crash_cma_ranges'] = '90000000-97ffffff\n';
    },
    {},
  ],
  [
    'crash CMA, shown as before',
    (files) => {
      files['/sys/kernel/kexec_crash_cma_ranges'] = '90000000-97ffffff\n';
    },
    {},
  ],
  [
    'dm-crypt keys for a crash kernel',
    (files) => {
      files['/sys/kernel/config/crash_dm_crypt_keys/count'] = '2\n';
      files['/sys/kernel/config/crash_dm_crypt_keys/reuse'] = '0\n';
      files['/sys/kernel/config/crash_dm_crypt_keys/root volume/description'] = 'cryptsetup:root\n';
      files['/sys/kernel/config/crash_dm_crypt_keys/data/description'] = '(null)\n';
    },
    {},
  ],
  [
    'EFI facts that are cut short',
    (files) => {
      const efi = '/sys/firmware/efi';
      files[`${efi}/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c`] = Uint8Array.of(6, 0, 0, 0);
      files[`${efi}/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f`] = Uint8Array.of(39);
      files[`${efi}/fw_platform_size`] = '6';
      files[`${efi}/systab`] = 'ACPI20=0xb37f0018\nSMBIOS3=';
    },
    {
      'efivar-SecureBoot': 'its value has 0 bytes, not 1',
      'efivar-db': expect.stringContaining('EFI variable'),
      'efi-platform-size': 'it is neither 32 nor 64: "6"',
      'efi-systab': 'it has lines other than NAME=0xADDRESS',
    },
  ],
  [
    'broken ACPI tables',
    (files) => {
      const folder = '/sys/firmware/acpi/tables';
      files[`${folder}/FACP`] = (files[`${folder}/FACP`] as Uint8Array).map((byte, at) =>
        at === 129 ? 3 : byte,
      );
      files[`${folder}/SPCR`] = (files[`${folder}/SPCR`] as Uint8Array).subarray(0, 44);
      files[`${folder}/GTDT`] = '';
    },
    {
      'acpi-FACP': 'ACPI table FACP: the sum of its bytes is 2, not 0',
      'acpi-SPCR': expect.stringContaining('its length is 80 in a file of 44 bytes'),
      'acpi-GTDT': expect.stringContaining('ACPI table GTDT: the header'),
    },
  ],
  [
    'no kdump tools',
    (files) => {
      delete files['/usr/bin/makedumpfile'];
      delete files['/etc/systemd/system/basic.target.wants/kdump-tools.service'];
      delete files['/etc/default/kdump-tools'];
      delete files['/etc/kdump.conf'];
    },
    {},
  ],
  [
    'a makedumpfile without a version',
    (files) => {
      delete files['/usr/bin/makedumpfile'];
      files['/usr/sbin/makedumpfile'] = '#!/bin/sh\necho "makedumpfile: version 1.7.6"\n';
    },
    {},
  ],
  [
    'no flattened device tree',
    (files) => {
      delete files['/sys/firmware/fdt'];
      files['/sys/firmware/devicetree/base/#address-cells'] = Uint8Array.of(0, 0, 0, 2);
      files['/sys/firmware/devicetree/base/chosen/name'] = 'chosen\0';
      files['/sys/firmware/devicetree/base/chosen/bootargs'] = 'quiet\0';
    },
    { fdt: expect.stringContaining('CONFIG_OF_EARLY_FLATTREE') },
  ],
];

describe('collected facts', () => {
  it.each(CASES)('are the same live, from a tar and from a folder: %s', async (_, change, unknown) => {
    const files = buildMachineFiles();
    change(files);
    const place = setUp(files);
    const live = recordOf(place.root);
    expect(Object.fromEntries((live.unknown ?? []).map(({ fact, reason }) => [fact, reason]))).toMatchObject(
      unknown,
    );
    if (Object.keys(unknown).length === 0) expect(live.unknown).toBeUndefined();

    const tar = collect(place);
    const withRoot = (machine: Machine): string => formatMachine(machine).replaceAll(place.root, '');
    expect(withRoot(await recordFrom(tar))).toBe(withRoot(live));

    const folder = join(place.work, 'm');
    mkdirSync(folder);
    runProgram('tar', ['-xf', tar, '-C', folder]);
    expect(await recordFrom(folder)).toEqual(await recordFrom(tar));
    expect(parseMachine(formatMachine(live))).toEqual(live);
  });

  it('are complete if all files can be read', () => {
    const { root } = setUp(buildMachineFiles());
    expect(recordOf(root)).toMatchObject({
      memorySource: 'memblock',
      memory: [{ start: GIB, end: 3n * GIB }],
      commandLine: 'root=/dev/vda1 crashkernel=256M',
      crashRegion: { high: { start: 0xa000_0000n, end: 0xb000_0000n } },
      pageSize: 4096,
      possibleCpus: 11,
      arm64: { granules: [4096, 65536] },
      kexecSignature: 'none',
      lockdown: 'integrity',
      kernel: {
        release: RELEASE,
        config: { KEXEC: 'y', ARM64_4K_PAGES: 'y', ARM64_VA_BITS: '48', RD_ZSTD: 'y' },
        vmcoreinfo: { OSRELEASE: RELEASE, 'NUMBER(PHYS_OFFSET)': '0x40000000', KERNELOFFSET: '500a22c00000' },
        kexecLoadDisabled: false,
        kexecLoadLimitReboot: -1,
        kexecLoadLimitPanic: 3,
      },
      crash: {
        notes: ['bff05000', 'bff15000', 'bff25000', 'bffa5000'].map((address) => ({
          start: BigInt(`0x${address}`),
          end: BigInt(`0x${address}`) + 424n,
        })),
        vmcoreinfo: { start: 0x4360_1000n, end: 0x4360_2024n },
        text: { start: 0x4140_0000n, end: 0x4351_0000n, virtual: 0xffff_d00a_a2c0_0000n },
        linearMap: { physical: GIB, virtual: 0xffff_0000_0000_0000n },
      },
      kdumpTools: {
        units: ['kdump-tools.service'],
        makedumpfile: { path: '/usr/bin/makedumpfile', file: '/usr/bin/makedumpfile', version: '1.7.6' },
        kdumpToolsSettings: { USE_KDUMP: '1', KDUMP_COREDIR: '/var/crash' },
        kdumpConf: { path: '/var/crash', core_collector: 'makedumpfile -l --message-level 7 -d 31' },
      },
      systemProduct: 'm6g.metal',
      firmware: { vendor: 'EDK II', version: '2024.05-1' },
      efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
      efiVariables: {
        MokListTrustedRT: Uint8Array.of(6, 0, 0, 0, 1),
        db: Uint8Array.of(39, 0, 0, 0, 1, 2, 3),
        MokListRT: Uint8Array.of(6, 0, 0, 0, 9, 8, 7),
        MokListXRT: Uint8Array.of(6, 0, 0, 0, 5),
      },
    });
  });

  it('have no passwords', () => {
    const place = setUp(buildMachineFiles());
    const { files } = collectLive(place.root);
    expect(new TextDecoder().decode(files.get('kdump-tools'))).toBe(
      'USE_KDUMP=1\nKDUMP_COREDIR="/var/crash" # as it comes\n',
    );
    expect(runProgram('tar', ['-xOf', collect(place)])).not.toContain('secret');
  });

  it('say where a link leads', async () => {
    const files = buildMachineFiles();
    delete files['/usr/bin/makedumpfile'];
    const place = setUp({ ...files, '/usr/lib/kexec-file/kexec-file': 'ELF' });
    mkdirSync(join(place.root, 'usr/bin'));
    symlinkSync('../lib/kexec-file/kexec-file', join(place.root, 'usr/bin/kexec-file'));
    symlinkSync('kexec-file', join(place.root, 'usr/bin/makedumpfile'));
    const makedumpfile = { path: '/usr/bin/makedumpfile', file: '/usr/lib/kexec-file/kexec-file' };
    expect(recordOf(place.root).kdumpTools?.makedumpfile).toEqual(makedumpfile);
    expect((await recordFrom(collect(place))).kdumpTools?.makedumpfile).toEqual(makedumpfile);
  });

  it('include the file systems that must be mounted', async () => {
    const files = buildMachineFiles();
    for (const path of Object.keys(files)) {
      if (/kernel\/(debug|security)|efivars|mok/.test(path)) delete files[path];
    }
    const place = setUp(files);
    for (const folder of ['kernel/debug', 'kernel/security', 'firmware/efi/efivars']) {
      mkdirSync(join(place.root, 'sys', folder), { recursive: true });
    }
    const { unknown } = recordOf(place.root);
    expect(unknown).toContainEqual({
      fact: 'memblock-reserved',
      reason: 'debugfs is not mounted: mount -t debugfs debugfs /sys/kernel/debug',
    });
    expect(unknown?.map(({ fact }) => fact)).toEqual([
      'memblock-memory',
      'memblock-reserved',
      'lockdown',
      'efivar-SecureBoot',
      'efivar-db',
      'efivar-dbx',
      'efivar-MokListRT',
      'efivar-MokListXRT',
    ]);
    expect((await recordFrom(collect(place))).unknown).toEqual(unknown);
  });

  it('are refused, with the reason, if the device tree cannot be read', async () => {
    const place = setUp({ '/proc/cmdline': 'quiet\n' });
    const refusal = expect.objectContaining({
      check: 'machine-facts',
      message: expect.stringContaining('CONFIG_OF_EARLY_FLATTREE'),
    });
    expect(() => recordOf(place.root)).toThrow(refusal);
    await expect(recordFrom(collect(place))).rejects.toThrow(refusal);
  });

  it('are those of this machine, or the reason why it cannot be recorded', () => {
    const machine = attempt(recordLive);
    if (machine instanceof KexecError) expect(machine.check).toMatch(/^(machine-(live|facts)|iomem-line)$/);
    else expect(machine.memory.length).toBeGreaterThan(0);
  });
});

describe('a folder', () => {
  it('can contain files that were copied by hand, such as /proc/config.gz', async () => {
    const folder = join(makeTemporaryFolder(), 'server1');
    writeRoot(folder, {
      fdt: buildSmallDeviceTree(),
      iomem: '40000000-7fffffff : System RAM\n',
      config: gzipSync('CONFIG_ARM64_64K_PAGES=y\n'),
    });
    const machine = await recordFrom(folder);
    expect(machine).toMatchObject({ name: 'server1', memorySource: 'iomem', pageSize: 65536 });
    expect(machine.unknown).toBeUndefined();
  });

  it('is refused for a text that is too long, packed or not', async () => {
    const folder = makeTemporaryFolder();
    const config = new Uint8Array((2 << 20) + 1);
    for (const bytes of [config, gzipSync(config)]) {
      writeRoot(folder, { fdt: buildSmallDeviceTree(), config: bytes });
      await expect(recordFrom(folder)).rejects.toThrow(
        expect.objectContaining({ check: 'machine-archive', errno: 'EFBIG' }),
      );
    }
  });

  it.each([
    ['a damaged configuration', { config: gzipSync('CONFIG_KEXEC=y\n').subarray(0, 12) }, 'machine-archive'],
    ['crash notes in another format', { 'crash-notes': 'cpu0 12345\n' }, 'machine-text'],
    ['a note in another format', { 'vmcoreinfo-note': 'somewhere\n' }, 'machine-text'],
    ['a sysctl that is no number', { 'kexec-load-disabled': 'yes\n' }, 'machine-text'],
    ['CPUs in another format', { 'cpu-possible': '3-1\n' }, 'machine-text'],
  ] as const)('is refused for %s', async (_, files, check) => {
    const folder = makeTemporaryFolder();
    const { root } = setUp(buildMachineFiles());
    for (const [name, bytes] of collectLive(root).files) {
      if (!name.includes('/')) writeFileSync(join(folder, name), bytes);
    }
    writeRoot(folder, files);
    await expect(recordFrom(folder)).rejects.toThrow(expect.objectContaining({ check, errno: 'EINVAL' }));
  });
});

describe('the collector', () => {
  it('contains every source, and is valid sh', () => {
    const script = buildCollectorScript();
    for (const { name } of SOURCES) expect(script).toContain(`\nfact '${name}' `);
    expect(runProgram('sh', ['-n'], { input: script })).toBe('');
  });

  it('writes the tar to standard output, and nothing else', () => {
    const { root, work } = setUp(buildMachineFiles());
    const { stdout, stderr, status } = spawnSync('sh', ['-s', '--', '-r', root], {
      input: buildCollectorScript(),
    });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    writeFileSync(join(work, 'out.tar'), stdout);
    expect(runProgram('tar', ['-tf', join(work, 'out.tar')]).split('\n')).toContain('./iomem');
  });

  it.each([
    ['an option that it does not know', ['-x']],
    ['an argument', ['more']],
  ])('prints its usage for %s', (_, args) => {
    const { stderr, status } = spawnSync('sh', ['-s', '--', ...args], { input: buildCollectorScript() });
    expect(stderr.toString()).toContain('usage:');
    expect(status).toBe(2);
  });

  it('fails if the tar cannot be written, and leaves no partial one', () => {
    const { root, work } = setUp(buildMachineFiles());
    const args = ['-s', '--', '-r', root, '-o', join(work, 'no/such/folder.tar')];
    expect(spawnSync('sh', args, { input: buildCollectorScript() }).status).not.toBe(0);
    expect(readdirSync(work)).toEqual([basename(root)]);
  });
});
