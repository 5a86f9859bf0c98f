import { formatLines, type Printable } from '../../view/text/printable.js';
import { packageVersion } from './version.js';

/** The option that prints the stack of such an error. Any command takes it. */
export const DEBUG_OPTION = '--debug';

/**
 * Describes an error that this program should not have: its message and how to report it in one line, without the
 * source that Node would print.
 *
 * @param isDebugged - whether its stack is wanted, too
 */
export function formatInternalError(error: unknown, isDebugged: boolean): Printable {
  const { name = 'Error', message = String(error), stack = '' } = error instanceof Error ? error : {};
  const version = `kexec-file ${packageVersion()}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const how = isDebugged
    ? 'report it with this'
    : `report it with the output of the same command with ${DEBUG_OPTION}`;
  const first = `kexec-file: internal error: ${name}: ${message} (${version}); ${how}`;
  // The stack repeats the message, which may have lines of its own.
  const calls = stack.split('\n').filter((call) => /^ +at /.test(call));
  return formatLines(isDebugged ? [first, ...calls] : [first]);
}
