import { runKexec } from './run.js';
import { thisHost } from './this-host.js';

/**
 * The program as it is when it is called as `kexec`: kexec-tools' options, and its exit codes.
 *
 * @param args - without the program's name
 * @returns the exit code.
 */
export function kexecMain(args: readonly string[]): Promise<number> {
  return runKexec(args, thisHost);
}
