import type { Command } from 'commander';
import { COLOR } from './global-options.js';

/** The name of `--color`, whose value is no command. */
const [COLOR_NAME] = COLOR.flags.split(' ');

/** The full name of a command: `kexec-file vmcore dmesg`. */
export function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** The words of a command line that are no options; the first is the command, if any is given. */
export function listWords(args: readonly string[]): string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== COLOR_NAME);
}

/** Finds a command by the names that lead to it. Names after a command without further ones are ignored. */
export function requireCommand(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names) {
    if (command.commands.length === 0) break;
    const nested = command.commands.find((each) => each.name() === name);
    if (nested === undefined) return command.error(`error: unknown command '${name}'`, { exitCode: 2 });
    command = nested;
  }
  return command;
}
