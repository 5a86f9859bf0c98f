import { describe, expect, it } from 'vitest';
import { buildServiceCommandLine, startsSave } from '../../src/kdump/service-command-line.js';

const RUNNING =
  'BOOT_IMAGE=/vmlinuz root=UUID=1 ro crashkernel=384M quiet splash systemd.unit=graphical.target console=ttyAMA0';

describe('the command line of the service', () => {
  it('keeps root and console, starts the save, and restarts by itself', () => {
    expect(buildServiceCommandLine(RUNNING)).toBe(
      'root=UUID=1 ro console=ttyAMA0 nr_cpus=1 reset_devices irqpoll cgroup_disable=memory panic=10 ' +
        'systemd.unit=kexec-file-kdump-save.service udev.children_max=2 rd.shell=0 rd.emergency=reboot',
    );
  });

  it('waits for a person in an initrd, too, if a shell follows the save', () => {
    const line = buildServiceCommandLine(RUNNING, { endsInShell: true });
    expect(line).not.toContain('rd.');
    expect(line).toContain('udev.children_max=2');
  });

  it('removes what it adds and what is reused, and appends at the end', () => {
    const remove = ['irqpoll', 'udev.children_max', 'console'];
    const line = buildServiceCommandLine(RUNNING, { remove, append: 'nr_cpus=2' });
    expect(line).not.toMatch(/irqpoll|udev|console/);
    expect(line).toMatch(/ nr_cpus=2$/);
  });

  it('puts everything before arguments for init', () => {
    expect(buildServiceCommandLine('root=/dev/vda -- single')).toMatch(/rd\.emergency=reboot -- single$/);
  });
});

describe('a kernel that was booted to save', () => {
  it('has the unit last', () => {
    expect(startsSave(buildServiceCommandLine(RUNNING))).toBe(true);
    expect(startsSave(RUNNING)).toBe(false);
    expect(startsSave(`${buildServiceCommandLine(RUNNING)} systemd.unit=rescue.target`)).toBe(false);
    expect(startsSave('root=/dev/vda -- systemd.unit=kexec-file-kdump-save.service')).toBe(false);
  });
});
