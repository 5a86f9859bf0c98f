/** All commands of the program, as commander has them. */
import type { Command } from 'commander';
import { loadCommands as loadTopCommands } from '../../src/cli/commands/load-commands.js';
import { buildProgram } from '../../src/cli/commands/program.js';
import { nameOf } from '../../src/cli/help/command-path.js';

/** Loads every command, those within others included, by their full names. */
export async function loadCommands(): Promise<ReadonlyMap<string, Command>> {
  const commands = (await loadTopCommands(buildProgram)).flatMap((command) => [command, ...command.commands]);
  return new Map(commands.map((command) => [nameOf(command), command]));
}

/** What `--help` prints. @param columns - of the terminal */
export function readHelp(command: Command, columns = 80): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => columns,
  });
  command.outputHelp();
  return help;
}
