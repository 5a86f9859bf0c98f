import { Option } from 'commander';

/** The option for the system call. */
export function buildSyscallOption(): Option {
  return new Option(
    '--syscall <call>',
    'system call: file is kexec_file_load, segments is kexec_load, auto is file if the kernel has it, else segments',
  )
    .choices(['auto', 'file', 'segments'])
    .default('auto');
}
