import { runKexec } from './run.js';
import { thisHost } from './this-host.js';

/**
 * Runs the program as `kexec`, with the options and exit codes of kexec-tools.
 *
 * @param args - without the program's name
 * @returns the exit code.
 */
export function runKexecMain(args: readonly string[]): Promise<number> {
  return runKexec(args, thisHost);
}
