import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Where output goes: to a terminal of so many columns, or into a pipe. */
export type Width = 80 | 120 | 'pipe';

/** Between the outputs of two commands. */
const SEPARATOR = '\u241e';

/**
 * Runs commands of kexec-file, one after the other, in a pseudo-terminal (util-linux's script(1)) or on pipes. What a
 * command prints on both of its outputs is in the order in which it prints it.
 *
 * @param commands - lines for the shell, in which `kexec-file` is the built command
 * @param width - the terminal's
 * @param folder - where they run
 * @returns what each command printed, and its exit code on a last line
 */
export function runInTerminal(commands: readonly string[], width: Width, folder: string): string[] {
  const program = resolve('bin/kexec-file.js');
  const lines = [
    `kexec-file() { '${process.execPath}' '${program}' "$@"; }`,
    ...(width === 'pipe' ? [] : [`stty cols ${width} rows 50 -onlcr`]),
    ...commands.map((command) => `{ ${command}; echo "exit code $?"; } 2>&1; printf '${SEPARATOR}'`),
  ];
  const script = lines.join('\n');
  const [file, args] =
    width === 'pipe'
      ? (['bash', ['-c', `{ ${script}\n} | cat`]] as const)
      : (['script', ['--quiet', '--return', '--command', `bash -c ${quote(script)}`, '/dev/null']] as const);
  const env = { ...process.env, TERM: 'xterm', NO_COLOR: '1', FORCE_COLOR: undefined, COLUMNS: undefined };
  const { stdout, stderr, error } = spawnSync(file, args, { cwd: folder, encoding: 'utf8', env, input: '' });
  if (error !== undefined) throw error;
  const outputs = stdout.split(SEPARATOR);
  if (outputs.length !== commands.length + 1)
    throw new Error(
      `${outputs.length - 1} of ${commands.length} commands ran: ${stderr}${stdout.slice(-500)}`,
    );
  return outputs.slice(0, -1);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
