import type { Command } from 'commander';
import type { ProgramBuilder } from './program-builder.js';

/**
 * Loads the declarations of all commands.
 *
 * @returns the commands of the program in the order of help; each contains its own commands
 */
export async function loadCommands(buildProgram: ProgramBuilder): Promise<Command[]> {
  const names = (await buildProgram(undefined)).commands.map((command) => command.name());
  return Promise.all(
    names.map(async (name) => {
      const command = (await buildProgram(name)).commands.find((each) => each.name() === name);
      if (command === undefined) throw new Error(`the program has no command ${name}`);
      return command;
    }),
  );
}
