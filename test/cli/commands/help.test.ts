import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram, COMMANDS } from '../../../src/cli/commands/program.js';

/** A command, and the commands within it, by their full names. */
function listCommands(command: Command, path = 'kexec-file'): [string, Command][] {
  const name = `${path} ${command.name()}`;
  return [[name, command], ...command.commands.flatMap((nested) => listCommands(nested, name))];
}

/** What `--help` prints. */
function readHelp(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

describe.each(Object.keys(COMMANDS))('the help of %s', async (name) => {
  const program = await buildProgram(name);
  const command = program.commands.find((found) => found.name() === name) as Command;

  it.each(listCommands(command))(
    '%s --help has examples of itself, and names documents that exist',
    (path, found) => {
      const help = readHelp(found);
      expect(found.description()).not.toBe('');
      if (found.commands.length === 0) expect(help).toMatch(new RegExp(`\\nExamples?:\\n(.*\\n)*.*${path} `));
      for (const [document] of help.matchAll(/docs\/[\w.]+\.md/g))
        expect(existsSync(document), document).toBe(true);
    },
  );

  it.each(listCommands(command))('%s explains each of its arguments and options', (_, found) => {
    for (const { description } of [...found.registeredArguments, ...found.options]) {
      expect(description).not.toBe('');
    }
  });
});
