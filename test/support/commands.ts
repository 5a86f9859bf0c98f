/** All commands of the program, as commander has them. */
import type { Command } from 'commander';
import { COMMANDS } from '../../src/cli/commands/commands.js';
import { buildProgram } from '../../src/cli/commands/program.js';
import { nameOf } from '../../src/cli/help/command-path.js';

/** Loads every command, those within others included, by their full names. */
export async function loadCommands(): Promise<ReadonlyMap<string, Command>> {
  const commands = new Map<string, Command>();
  for (const name of Object.keys(COMMANDS)) {
    const program = await buildProgram(name);
    const command = program.commands.find((each) => each.name() === name);
    for (const each of command === undefined ? [] : [command, ...command.commands]) {
      commands.set(nameOf(each), each);
    }
  }
  return commands;
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
