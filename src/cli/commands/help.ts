import { Command } from 'commander';
import { requireCommand } from '../help/command-path.js';
import { explainUsage } from '../help/explain-usage.js';
import type { ProgramBuilder } from './program-builder.js';

export function buildHelpCommand(buildProgram: ProgramBuilder): Command {
  return new Command()
    .argument('[command...]', 'a command, such as plan or vmcore dmesg (default: list the commands)')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints what "kexec-file COMMAND --help" prints: arguments, options, explanation and examples. "-h" in place of --help
prints only arguments and options.`,
        examples: `
kexec-file help plan
kexec-file help vmcore dmesg`,
      }),
    )
    .action(async (names: readonly string[]) => {
      const program = await buildProgram(names[0]);
      requireCommand(program, names).outputHelp();
    });
}
