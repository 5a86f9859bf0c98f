import { Option } from 'commander';

/** Which system call is made. */
export function syscallOption(): Option {
  return new Option(
    '--syscall <call>',
    'file is kexec_file_load, segments is kexec_load, auto is the first, or the second on a kernel that lacks it',
  )
    .choices(['auto', 'file', 'segments'])
    .default('auto');
}
