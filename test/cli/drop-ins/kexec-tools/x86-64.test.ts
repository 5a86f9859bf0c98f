/** What kexec-tools 2.0.32 has on x86_64: its options, and the command lines of the programs that call it there. */
import { describe, expect, it } from 'vitest';
import { listOptions } from '../../../../src/cli/drop-ins/kexec-tools/kexec-options.js';
import { readRequest } from '../../../../src/cli/drop-ins/kexec-tools/kexec-request.js';
import type { LoadCall } from '../../../../src/kexec/load-options.js';
import type { LiveLoad } from '../../../../src/node/live/load-request.js';
import { type Fake, runOnFake } from './fake-host.js';

function run(line: string | readonly string[], fake: Fake = {}) {
  return runOnFake(line, { architecture: 'x86_64', ...fake });
}

const PORT = { kind: '8250-port', shift: 0, width: 1 } as const;

/** `KEXEC_ALL_OPTIONS` of kexec/arch/i386/include/arch/options.h, less what every architecture has. */
const ONLY_HERE = [
  ...['reset-vga', 'serial', 'serial-baud', 'console-vga', 'console-serial', 'elf32-core-headers'],
  ...['elf64-core-headers', 'pass-memmap-cmdline', 'noefi', 'reuse-video-type', 'args-elf', 'args-linux'],
  ...['args-none', 'module', 'real-mode', 'entry-32bit', 'dtb'],
];

describe('the table of options on x86_64', () => {
  const options = listOptions('x86_64');
  const names = options.flatMap((option) => option.names);

  it('has those of kexec-tools, each once', () => {
    expect(new Set(names).size).toBe(names.length);
    const onArm64 = listOptions('arm64').flatMap((option) => option.names);
    expect(names.filter((name) => !onArm64.includes(name)).sort()).toEqual(
      ONLY_HERE.filter((name) => name !== 'serial' && name !== 'dtb').sort(),
    );
    expect(onArm64.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('is what --help prints', async () => {
    const { code, output } = await run('--help');
    expect(code).toBe(0);
    for (const name of names) expect(output).toContain(`--${name}`);
    expect(output).not.toContain('arm64');
    expect((await run('--help', { architecture: 'arm64' })).output).not.toContain('--noefi');
  });

  it('decides which abbreviations are ambiguous', () => {
    const read = (option: string) =>
      readRequest(['-l', 'K', option], { architecture: 'x86_64', posixlyCorrect: false });
    // Debian's kexec-tools 2.0.25 says the same of --reu.
    expect(read('--reu')).toMatchObject({
      action: 'mistake',
      message: expect.stringMatching(/^(?=.*--reuseinitrd)(?=.*--reuse-video-type)(?=.*--reuse-cmdline)/),
    });
    expect(read('--reuse-c')).toMatchObject({ how: { reuseCommandLine: true } });
    expect(read('--noe')).toMatchObject({ how: { efi: false } });
  });
});

describe('options on x86_64', () => {
  it.each<[string, Partial<LiveLoad>]>([
    ['-l K --noefi', { options: { efi: false } }],
    ['-l K', { options: { efi: undefined, purgatory: { checks: undefined, serial: undefined } } }],
    ['-l K --serial=ttyS1', { options: { purgatory: { serial: { ...PORT, base: 0x2f8n } } } }],
    ['-l K --serial=0x2E8', { options: { purgatory: { serial: { ...PORT, base: 0x2e8n } } } }],
    ['-l K --console-serial', { options: { purgatory: { serial: { ...PORT, base: 0x3f8n } } } }],
    [
      '-l K --serial ttyS1 --console-serial',
      { options: { purgatory: { serial: { ...PORT, base: 0x2f8n } } } },
    ],
    [
      '-l K --console-serial --serial ttyS1',
      { options: { purgatory: { serial: { ...PORT, base: 0x2f8n } } } },
    ],
    ['-p K --hotplug', { options: { hotplug: true } }],
    ['-l K --mem-max=0x3fffffff', { options: { window: { start: 0n, end: 0x4000_0000n } } }],
    ['-l K --entry=0x100000', { options: { entry: 0x10_0000n } }],
    ['-l K -i', { options: { purgatory: { checks: false } } }],
    ['-l K -t bzImage64', { options: { kernelType: 'bzImage64' } }],
    ['-l K --reuse-video-type --elf64-core-headers --args-linux', { options: { type: 'default' } }],
  ])('kexec %s', async (line, { options = {}, ...load }) => {
    const { code, loads, errors } = await run(line);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(loads).toMatchObject([{ ...load, options }]);
  });

  it.each([
    ['--load-preserve-context', /KEXEC_PRESERVE_CONTEXT/],
    ['--load-jump-back-helper', /KEXEC_PRESERVE_CONTEXT/],
    ['--load-live-update', /Xen/],
    ['--exec-live-update', /Xen/],
    ['--real-mode', /64-bit entry/],
    ['--entry-32bit', /64-bit entry/],
    ['--reset-vga', /graphics card/],
    ['--console-vga', /serial port/],
    ['--serial-baud=115200', /rate/],
    ['--pass-memmap-cmdline', /e820/],
    ['--elf32-core-headers', /64 bits/],
    ['--args-elf', /boot parameters/],
    ['--args-none', /boot parameters/],
    ['--module=M a', /multiboot/],
    ['--dtb=F', /device tree/],
    ['--force-dtb', /device tree/],
    ['--reuseinitrd', /retain_initrd/],
  ])('%s is refused by name, with the reason: 1', async (option, reason) => {
    const { code, loads, errors } = await run(['-l', 'K', option]);
    expect({ code, loads }).toEqual({ code: 1, loads: [] });
    expect(errors.startsWith(`${option.replace(/=.*/, '')} is refused: `), errors).toBe(true);
    expect(errors).toMatch(reason);
  });

  it('has nothing to print without checks, which is refused', async () => {
    for (const option of ['--serial=ttyS0', '--console-serial']) {
      const { code, loads, errors } = await run(['-l', 'K', '-i', option]);
      expect({ code, loads }).toEqual({ code: 1, loads: [] });
      expect(errors).toMatch(/--no-checks/);
    }
  });

  it.each(['foo', '3f8', '0x', '0x0', '0x10000', 'ttyS1 ', '-1', ''])(
    '--serial=%j is wrong usage: 1',
    async (port) => {
      const { code, loads, errors } = await run(['-l', 'K', `--serial=${port}`]);
      expect({ code, loads }).toEqual({ code: 1, loads: [] });
      expect(errors).toMatch(/^--serial takes ttyS0, ttyS1 or a port/);
    },
  );

  it('names what has no effect', async () => {
    const hotplug = await run('-l K --hotplug');
    expect(hotplug.errors).toBe('--hotplug has no effect without -p\n');
    expect(hotplug.loads).toMatchObject([{ options: { hotplug: false } }]);
    expect((await run('-u --noefi')).errors).toBe('--noefi has no effect without a load\n');
  });

  it('says that kexec_file_load has no purgatory that would leave its checks out', async () => {
    expect((await run('-l K -i', { call: 'file' })).errors).toMatch(/^--no-checks has no effect: /);
    expect((await run('-l K -i', { call: 'segments' })).errors).toBe('');
  });

  it('are unknown on arm64', () => {
    for (const name of ONLY_HERE) {
      if (name === 'serial' || name === 'dtb') continue;
      const request = readRequest([`--${name}`], { architecture: 'arm64', posixlyCorrect: false });
      expect(request.action, name).toBe('mistake');
    }
  });

  // kexec-tools gives none on x86_64: no device tree has the running one.
  it.each<LoadCall>(['segments', 'file'])(
    'by %s, there is no command line if none is given',
    async (call) => {
      const [load] = (await run('-l K', { call })).loads;
      expect(load?.options.commandLine).toBeUndefined();
      expect(load?.options.fallbackCommandLine).toBeUndefined();
    },
  );
});

/** A reused command line of Debian, and of Fedora after `prepare_cmdline()`. */
const DEBIAN =
  'root=/dev/vda1 ro quiet  reset_devices systemd.unit=kdump-tools-dump.service nr_cpus=1 irqpoll';
const FEDORA =
  'root=/dev/vda3 ro irqpoll nr_cpus=1 reset_devices cgroup_disable=memory mce=off numa=off udev.children-max=2 panic=10 acpi_no_memhotplug transparent_hugepage=never nokaslr hest_disable novmcoredd cma=0 hugetlb_cma=0 pcie_ports=compat disable_cpu_apicid=0';

describe('the command lines of other programs on x86_64', () => {
  it.each<[string, readonly string[], Partial<LiveLoad>]>([
    [
      "kdump-config load (Debian's kdump-tools 1.8.1)",
      [
        '-p',
        `--command-line=${DEBIAN}`,
        '--initrd=/var/lib/kdump/initrd.img-6.12',
        '/var/lib/kdump/vmlinuz-6.12',
      ],
      {
        kernel: '/var/lib/kdump/vmlinuz-6.12',
        initrd: '/var/lib/kdump/initrd.img-6.12',
        syscall: 'segments',
        options: { type: 'crash', commandLine: DEBIAN },
      },
    ],
    [
      'kdump-config load of a vmlinux under Secure Boot, with the KDUMP_KEXEC_ARGS of its comment',
      ['-p', '-s', '--args-linux', '--elf64-core-headers', '--command-line=x', '--initrd=I', 'vmlinux'],
      { kernel: 'vmlinux', initrd: 'I', options: { type: 'crash', commandLine: 'x' } },
    ],
    [
      "kdumpctl start (kdump-utils, with x86_64's KEXEC_ARGS)",
      [
        '-s',
        '-d',
        '-p',
        `--command-line=${FEDORA}`,
        '--initrd=/boot/initramfs-6.12kdump.img',
        '/boot/vmlinuz-6.12',
      ],
      {
        kernel: '/boot/vmlinuz-6.12',
        initrd: '/boot/initramfs-6.12kdump.img',
        debug: true,
        options: { type: 'crash', commandLine: FEDORA },
      },
    ],
    [
      'kdumpctl start under Secure Boot',
      ['-s', '-s', '-d', '-p', '--command-line=x', '--initrd=I', 'K'],
      { kernel: 'K', initrd: 'I', options: { type: 'crash', commandLine: 'x' } },
    ],
    [
      "kdump-utils' early kdump",
      ['-s', '-p', '--command-line=x', '--initrd=/boot/initramfs-earlykdump', '/boot/kernel-earlykdump'],
      { kernel: '/boot/kernel-earlykdump', options: { type: 'crash', commandLine: 'x' } },
    ],
    [
      'systemctl kexec (systemd before 261)',
      ['--load', '/efi/linux', '--append', 'root=LABEL=/ rw', '--initrd', '/efi/initrd'],
      {
        kernel: '/efi/linux',
        initrd: '/efi/initrd',
        options: { type: 'default', commandLine: 'root=LABEL=/ rw' },
      },
    ],
    [
      "Debian's kexec-load",
      ['-l', '/vmlinuz', '--initrd=/initrd.img', '--append=root=/dev/vda1 ro'],
      { kernel: '/vmlinuz', initrd: '/initrd.img', options: { commandLine: 'root=/dev/vda1 ro' } },
    ],
    [
      'administrators',
      ['-l', '/boot/vmlinuz', '--initrd=/boot/initrd.img', '--reuse-cmdline', '--append=1'],
      { kernel: '/boot/vmlinuz', options: { commandLine: 'root=/dev/vda1 crashkernel=256M quiet 1' } },
    ],
  ])('load: %s', async (_, args, { options = {}, ...load }) => {
    const { code, loads, done } = await run(args);
    expect({ code, done }).toEqual({ code: 0, done: [`load ${options.type ?? 'default'}`] });
    expect(loads).toMatchObject([{ ...load, options }]);
  });

  it.each<[string, string, Fake, number, readonly string[]]>([
    ['kdump-config unload', '-p -u', {}, 0, ['unload crash auto']],
    ['kdumpctl stop under Secure Boot', '-s -p -u', {}, 0, ['unload crash file']],
    ['systemd-shutdown', '-e', { loaded: true }, 255, ['sync', 'interfaces down', 'kexec']],
    ["Debian's init script", '-e', {}, 1, []],
    ['a status', '-S', { crashLoaded: true }, 1, []],
  ])('%s: kexec %s', async (_, line, fake, code, done) => {
    expect(await run(line, fake)).toMatchObject({ code, done });
  });

  // kexec-tools' kexec_load(2) fails with 1 before it looks at the kernel, and kdump-config prints that it failed.
  it('kdump-config without a crash region gets 1, and the reason', async () => {
    const { code, errors } = await run('-p --command-line=x --initrd=I K', { crashSize: 0n });
    expect(code).toBe(1);
    expect(errors).toContain('crashkernel=');
  });
});
