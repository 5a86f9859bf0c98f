import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { runProgram } from '../support/programs.js';
import { COLLECTION } from './controller.js';

const BOOT_ID = 'proc/sys/kernel/random/boot_id';
const FDT_HEADER = '\xd0\x0d\xfe\xed';

/** The facts of a machine that runs well. */
const HEALTHY = {
  [BOOT_ID]: 'first\n',
  'etc/machine-id': 'machine\n',
  'proc/sys/kernel/osrelease': '6.12.0\n',
  'proc/cmdline': 'root=/dev/vda1 quiet\n',
  'sys/kernel/kexec_loaded': '0\n',
  'sys/firmware/fdt': `${FDT_HEADER} chosen\0`,
};
const KEXECED = {
  ...HEALTHY,
  [BOOT_ID]: 'second\n',
  'sys/firmware/fdt': `${FDT_HEADER} linux,booted-from-kexec\0`,
};
const EXPECT = { way: 'kexec', release: '6.12.0', command_line: 'root=/dev/vda1 quiet' };

describe('the module boot_state', () => {
  it.each([
    ['a property of the device tree', { 'proc/device-tree/chosen/linux,booted-from-kexec': '' }, 'kexec'],
    [
      'the device tree that a kernel with ACPI was given',
      { 'sys/firmware/fdt': KEXECED['sys/firmware/fdt'] },
      'kexec',
    ],
    ['a device tree without it', { 'sys/firmware/fdt': HEALTHY['sys/firmware/fdt'] }, 'firmware'],
    ['the boot loader 0xd of x86', { 'proc/sys/kernel/bootloader_type': '208\n' }, 'kexec'],
    ['GRUB on x86', { 'proc/sys/kernel/bootloader_type': '114\n' }, 'firmware'],
    ['nothing', {}, 'unknown'],
  ])('sees who started the machine by %s', (_, files, startedBy) => {
    expect(runModule(files).started_by).toBe(startedBy);
  });

  it('finds nothing wrong with a machine that came back as planned', () => {
    const before = runModule(HEALTHY);
    const after = runModule(KEXECED, { before, expect: EXPECT });
    expect(withoutUnits(after.problems)).toEqual([]);
    expect(after).toMatchObject({ boot_id: 'second', changed: false });
  });

  it.each<[string, Record<string, string>, object]>([
    ['boot-id', { [BOOT_ID]: 'first\n' }, { wanted: 'another boot' }],
    ['machine-id', { 'etc/machine-id': 'other\n' }, { seen: 'other' }],
    ['way', { 'sys/firmware/fdt': HEALTHY['sys/firmware/fdt'] }, { wanted: 'started by kexec' }],
    ['release', { 'proc/sys/kernel/osrelease': '6.1.0\n' }, { seen: '6.1.0', wanted: '6.12.0' }],
    ['command-line', { 'proc/cmdline': 'quiet\n' }, { seen: 'quiet' }],
    ['loaded', { 'sys/kernel/kexec_loaded': '1\n' }, { seen: 'a kernel is loaded' }],
    ['taint', { 'proc/sys/kernel/tainted': '512\n' }, { seen: expect.stringMatching(/warned/) }],
  ])('names a difference: %s', (check, files, problem) => {
    const before = runModule(HEALTHY);
    const { problems } = runModule({ ...KEXECED, ...files }, { before, expect: EXPECT });
    expect(withoutUnits(problems)).toEqual([expect.objectContaining({ check, ...problem })]);
  });

  it.each([
    ['panic', { 'sys/fs/pstore/dmesg-efi-1': 'Kernel panic - not syncing\n' }],
    [
      'watchdog',
      {
        'sys/class/watchdog/watchdog0/identity': 'SBSA\n',
        'sys/class/watchdog/watchdog0/bootstatus': '32\n',
      },
    ],
    ['unknown', {}],
  ])('says why firmware started it: %s', (cause, files) => {
    const before = runModule(HEALTHY);
    const after = runModule({ ...HEALTHY, [BOOT_ID]: 'second\n', ...files }, { before, expect: EXPECT });
    expect(after.reset_cause).toBe(cause);
  });

  it('leaves out software watchdogs, which end with the kernel', () => {
    const name = 'sys/class/watchdog/watchdog0/identity';
    expect(runModule({ ...HEALTHY, [name]: 'Software Watchdog\n' }).watchdogs).toEqual([]);
  });

  it('shows a plan as a difference', () => {
    const { diff, changed } = runModule(HEALTHY, { plan: true, expect: { ...EXPECT, release: '6.18.0' } });
    expect(changed).toBe(true);
    expect(diff).toEqual({
      before: 'started by: firmware\nrelease: 6.12.0\ncommand line: root=/dev/vda1 quiet\n',
      after: 'started by: kexec\nrelease: 6.18.0\ncommand line: root=/dev/vda1 quiet\n',
    });
  });

  it('changes its digest with what a recording depends on', () => {
    const digest = runModule(HEALTHY).facts_digest;
    expect(runModule(HEALTHY).facts_digest).toBe(digest);
    expect(runModule({ ...HEALTHY, 'proc/iomem': '40000000-7fffffff : System RAM\n' }).facts_digest).not.toBe(
      digest,
    );
  });
});

interface Problem {
  readonly check: string;
}

/** This machine's own units and log are not those of the files. */
function withoutUnits(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ check }) => !['units', 'system-state', 'log'].includes(check));
}

interface State extends Record<string, unknown> {
  readonly problems: readonly Problem[];
}

/** Runs the module on files, as Ansible does on a host. */
function runModule(files: Readonly<Record<string, string>>, options: object = {}): State {
  const root = makeTemporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, 'latin1');
  }
  const args = join(root, 'args.json');
  writeFileSync(args, JSON.stringify({ ANSIBLE_MODULE_ARGS: { root, ...options } }));
  const module = join(COLLECTION, 'plugins/modules/boot_state.py');
  return JSON.parse(runProgram('/usr/bin/python3', ['-B', module, args])) as State;
}
