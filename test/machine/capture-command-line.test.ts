import { describe, expect, it } from 'vitest';
import {
  ADDED_FOR_CAPTURE,
  ADDED_FOR_X86_CAPTURE,
  buildCaptureCommandLine,
} from '../../src/machine/capture-command-line.js';

describe('buildCaptureCommandLine', () => {
  const added = Object.keys(ADDED_FOR_CAPTURE).join(' ');

  it.each([
    ['', added],
    [
      'BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet crashkernel=1G,high crashkernel=128M,low console=ttyAMA0',
      `root=/dev/sda1 console=ttyAMA0 ${added}`,
    ],
    ['mem=4G maxcpus=2 isolcpus=1-3 hugepages=100 default_hugepagesz=1G log-buf-len=16M a', `a ${added}`],
    ['a -- b', `a ${added} -- b`],
  ])('makes of %j what a capture kernel can do with', (running, expected) => {
    expect(buildCaptureCommandLine(running)).toBe(expected);
  });

  it.each([
    [
      'EC2',
      'a irqpoll b',
      { systemVendor: 'Amazon EC2' },
      /^a b nr_cpus=1 reset_devices cgroup_disable=memory/,
    ],
    ['a vendor out of a file', 'a', { systemVendor: 'constructor' }, /^a nr_cpus=1 reset_devices irqpoll /],
    ['another vendor', 'a', { systemVendor: 'QEMU' }, /^a nr_cpus=1 reset_devices irqpoll /],
    [
      'what is removed',
      'irqpoll x-y=1 x_y a',
      { remove: ['irqpoll', 'x_y'] },
      /^a nr_cpus=1 reset_devices cgroup/,
    ],
    [
      'a name with a value',
      'a',
      { remove: ['nr_cpus', 'panic'] },
      /^a reset_devices irqpoll cgroup_disable=memory$/,
    ],
    ['both', 'a', { systemVendor: 'Amazon EC2', remove: ['reset-devices'] }, /^a nr_cpus=1 cgroup_disable/],
  ])('depends on %s', (_, running, options, expected) => {
    expect(buildCaptureCommandLine(running, options)).toMatch(expected);
  });

  describe('on x86_64', () => {
    const machine = { architecture: 'x86_64', systemVendor: 'Amazon EC2' };
    const x86 = [...Object.keys(ADDED_FOR_CAPTURE), ...Object.keys(ADDED_FOR_X86_CAPTURE)].join(' ');

    it('has what kdump-utils adds there, irqpoll on EC2, too', () => {
      expect(buildCaptureCommandLine('root=/dev/sda1', machine)).toBe(`root=/dev/sda1 ${x86}`);
      expect(x86).toContain('irqpoll');
      for (const parameter of [
        'nr_cpus=1',
        'mce=off',
        'numa=off',
        'acpi_no_memhotplug',
        'hest_disable',
        'novmcoredd',
      ])
        expect(x86.split(' ')).toContain(parameter);
    });

    it('leaves the CPU of the firmware alone, if it is known', () => {
      const known = { ...machine, x86: { bootApicId: 16 } };
      expect(buildCaptureCommandLine('a', known)).toBe(`a ${x86} disable_cpu_apicid=16`);
      expect(buildCaptureCommandLine('a', { ...known, remove: ['disable-cpu-apicid'] })).toBe(`a ${x86}`);
      expect(buildCaptureCommandLine('a', { ...known, architecture: 'arm64' })).not.toContain('apicid');
    });

    it('does not keep a memory map, nor values of what it adds', () => {
      const running = 'memmap=exactmap memmap=1M@16M numa=fake=4 mce=ignore_ce disable_cpu_apicid=3 a';
      expect(buildCaptureCommandLine(running, machine)).toBe(`a ${x86}`);
      expect(buildCaptureCommandLine('memmap=1M$16M numa=off')).toMatch(/^memmap=1M\$16M numa=off nr_cpus=1/);
    });
  });
});
