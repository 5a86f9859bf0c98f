import type { Command } from 'commander';
import { isStandardInput } from '../../node/files/standard-input.js';

/** The options whose file is written. */
const OUTPUTS: readonly string[] = ['--output', '--svg', '--elf', '--html', '--console', '--vmcore'];

/** What stands for a file in the flags of an option: `<file>`, `<[name:]file>`, `<machine>`. */
const FILE = /[<[].*(?:file|machine|path)/;

/** Refuses two inputs that are both standard input, which can be read once. @throws CommanderError */
export function requireOneStandardInput(command: Command): void {
  const inputs = [...listArguments(command), ...listOptions(command)];
  if (inputs.length < 2) return;
  const names = `${inputs.slice(0, -1).join(', ')} and ${inputs.at(-1)}`;
  command.error(`error: ${names} name standard input, which can be read once: give a file for all but one`, {
    exitCode: 2,
  });
}

/** The operands that are standard input. */
function listArguments({ args, registeredArguments }: Command): string[] {
  return args.flatMap((value, index) => {
    const name = (registeredArguments[index] ?? registeredArguments.at(-1))?.name() ?? 'argument';
    return leadsToStandardInput(value) ? [name] : [];
  });
}

/** The options that are standard input, once for each value. */
function listOptions(command: Command): string[] {
  return command.options.flatMap((option) => {
    const { long, flags } = option;
    if (long == null || OUTPUTS.includes(long) || !FILE.test(flags)) return [];
    const values: unknown = command.getOptionValue(option.attributeName());
    return [values].flat().flatMap((value) => (leadsToStandardInput(value) ? [long] : []));
  });
}

/** Also of a member (`-#conf-2`), or for a keyring (`platform:-`). */
function leadsToStandardInput(value: unknown): boolean {
  return typeof value === 'string' && isStandardInput(value.replace(/^[a-z]+:(?=[-/])|#.*$/g, ''));
}
