import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { runTasksHere } from './run-tasks-here.js';

const ESTIMATE = {
  reserve: '0x10000000',
  parameter: 'crashkernel=256M',
  bootLoader: 'update-grub',
  place: 'GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub',
};

const STATUS = {
  captures: false,
  problems: [{ severity: 'stops', what: 'no crash kernel is loaded', cure: 'load it' }],
};

/** What kexec-file prints on the host. */
interface Printed {
  readonly estimate?: object;
  /** The command line of GRUB's default entry. */
  readonly next?: string;
  readonly reserved?: number;
}

/** Each runs the tasks in check mode on this machine, where a script stands for kexec-file. */
describe('the plan of the role kdump', () => {
  it('is what the host computes, set by GRUB', () => {
    const { status, output } = plan({ next: 'root=/dev/vda' });
    expect(status, output).toBe(0);
    expect(output).toMatch(/^\+.* \| sed 's\/crashkernel=\[\^ \]\*\/\/g'\) crashkernel=256M"$/m);
    expect(output).toContain(
      'The crash kernel needs crashkernel=256M, which would be set for the next boot.',
    );
  });

  it('has no reboot if enough is reserved', () => {
    const { status, output } = plan({ reserved: 0x1000_0000, next: '' });
    expect(status, output).toBe(0);
    expect(output).toContain('256 MiB are reserved');
    expect(output).not.toMatch(/Reboot the host|^\+/m);
    expect(output).toContain('no crash kernel is loaded');
  });

  it('says where to add the parameter by hand', () => {
    const estimate = { ...ESTIMATE, bootLoader: 'raspberry-pi', place: 'the one line of cmdline.txt' };
    const { status, output } = plan({ estimate });
    expect(status, output).toBe(0);
    expect(output).toContain('crashkernel=256M, which you have to add (the one line of cmdline.txt). Reboot');
  });

  it('knows a parameter that waits for a reboot', () => {
    const estimate = { ...ESTIMATE, bootLoader: 'extlinux' };
    const { output } = plan({ estimate, next: 'root=/dev/vda crashkernel=256M' });
    expect(output).toContain('crashkernel=256M, which is set for the next boot. Reboot');
  });

  it('takes the parameter of the user, and no other text', () => {
    const parameter = 'crashkernel=512M,high crashkernel=128M,low';
    expect(plan({}, { kexec_file_kdump_crashkernel: parameter }).output).toContain(`${parameter}"`);
    const { status, output } = plan({}, { kexec_file_kdump_crashkernel: 'crashkernel=$(id)' });
    expect(status).not.toBe(0);
    expect(output).toContain('It has to be auto, none, or parameters');
  });
});

function plan({ estimate = ESTIMATE, next = '', reserved = 0 }: Printed, variables: object = {}) {
  const entries = { default: { id: 'one' }, entries: [{ id: 'two' }, { id: 'one', commandLine: next }] };
  const show = (value: object): string => `printf '%s' '${JSON.stringify(value)}'`;
  const isEnough = reserved >= 0x1000_0000;
  return runTasksHere({
    folder: makeTemporaryFolder(),
    role: 'kdump',
    files: ['size', ...(estimate === ESTIMATE && !isEnough ? ['grub'] : []), 'rehearse'],
    variables: {
      kexec_file_kdump_before: { crash_size: reserved, command_line: 'root=/dev/vda' },
      ...variables,
    },
    programs: {
      'kexec-file': `case "$1 $2" in
'kdump show') ${show({ kernel: '/boot/vmlinuz', saves: { path: '/var/crash' } })};;
'machine record') ;;
'crash estimate') ${show({ ...estimate, reserved: `0x${reserved.toString(16)}` })};;
'machine entries') ${show(entries)};;
'kdump test') ${show({ captures: true, steps: [] })};;
'kdump status') ${show(STATUS)}; exit 1;;
*) exit 3;;
esac`,
    },
    options: ['--check', '--diff'],
  });
}
