import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { runTasksHere } from './run-tasks-here.js';

/** What the role sets in any case. */
const VARIABLES = {
  kexec_file_certs: [],
  kexec_file_keyrings: [],
  kexec_file_policy: 'enforce',
  kexec_file_load_options: [],
};

/** Each runs the tasks on this machine, where a script stands for kexec-file. */
describe('the command line that the role reboot loads', () => {
  const append = ['console=ttyS0', 'panic=10'];

  it('of a kernel is that of the host, with all parameters', () => {
    expect(listOptions({ kexec_file_kernel: '/vmlinuz', kexec_file_reboot_append: append })).toEqual([
      '/vmlinuz',
      '--reuse-cmdline',
      '--append=console=ttyS0 panic=10',
    ]);
  });

  it('may be given, and has the parameters, too', () => {
    const given = { kexec_file_kernel: '/vmlinuz', kexec_file_command_line: 'root=/dev/vda' };
    expect(listOptions({ ...given, kexec_file_reboot_append: append })).toEqual([
      '/vmlinuz',
      '--command-line=root=/dev/vda console=ttyS0 panic=10',
    ]);
    expect(listOptions({ ...given, kexec_file_reboot_append: [] })).toEqual([
      '/vmlinuz',
      '--command-line=root=/dev/vda',
    ]);
  });

  it('of the default entry is its own, with all parameters', () => {
    expect(listOptions({ kexec_file_reboot_append: append })).toEqual([
      '--default',
      '--append=console=ttyS0 panic=10',
    ]);
    expect(listOptions({ kexec_file_reboot_append: [] })).toEqual(['--default']);
  });
});

/** @returns the arguments of `kexec-file load` up to the policy */
function listOptions(variables: object): string[] {
  const folder = makeTemporaryFolder();
  const { status, output } = runTasksHere({
    folder,
    role: 'reboot',
    files: ['load'],
    variables: { ...VARIABLES, ...variables },
    programs: {
      'kexec-file': `[ "$1" != load ] || printf '%s\\n' "$@" > ${folder}/arguments; echo '{"kernel": "/vmlinuz"}'`,
    },
  });
  expect(status, output).toBe(0);
  const [, ...options] = readFileSync(join(folder, 'arguments'), 'utf8').trimEnd().split('\n');
  return options.slice(0, options.indexOf('--policy'));
}
