/** What a shell needs to complete a command line, read from the declarations of the commands. */
import type { Command, Option } from 'commander';
import { isGroup } from '../help/command-help.js';
import { HELP_FLAGS } from '../help/global-options.js';
import { describeOperandValue, describeOptionValue } from './option-values.js';
import type { ValueCompletion, Word } from './value-completion.js';

/** An option. */
export interface CompletionOption {
  /** The short one first: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly text: string;
  /** Undefined if it takes none. */
  readonly value: ValueCompletion | undefined;
  /** Whether the value may be left out. */
  readonly isValueOptional: boolean;
  readonly isRepeatable: boolean;
}

/** An operand. The last one may stand for several. */
export interface CompletionOperand {
  readonly value: ValueCompletion;
  readonly isRepeatable: boolean;
}

/** A command, or the program itself. */
export interface CompletionCommand {
  /** The words that lead to it from the program: `vmcore`, `info`. */
  readonly path: readonly string[];
  readonly options: readonly CompletionOption[];
  readonly operands: readonly CompletionOperand[];
  /** The names of the commands in it. */
  readonly commands: readonly Word[];
}

/** What follows the main statement of a help text. */
const DETAILS = /(?:; | \().*$/s;

/** Longer texts are cut: a shell shows one line. */
const MAX_TEXT_LENGTH = 80;

/**
 * Describes all commands, the program first.
 *
 * @param program - the declaration of the program
 * @param commands - the declarations of its commands, with their own commands
 */
export function describeCompletion(program: Command, commands: readonly Command[]): CompletionCommand[] {
  const described = commands.flatMap((command) => describeCommand(command, []));
  const names = commands.flatMap(nameCommand);
  const top = { path: [], options: listOptions(program), operands: [], commands: names };
  return [top, ...described.flatMap((each) => (isHelp(each) ? buildHelp(each, names, described) : [each]))];
}

function isHelp({ path }: CompletionCommand): boolean {
  return path.join(' ') === 'help';
}

/** The operands of `help` are commands: they are completed as commands are. */
function buildHelp(
  help: CompletionCommand,
  names: readonly Word[],
  described: readonly CompletionCommand[],
): CompletionCommand[] {
  const groups = described.filter(({ path, commands }) => path.length === 1 && commands.length > 0);
  return [
    { ...help, operands: [], commands: names },
    ...groups.map(({ path, commands }) => ({
      path: ['help', ...path],
      options: help.options,
      operands: [],
      commands: commands.filter(({ word }) => word !== 'help'),
    })),
  ];
}

function describeCommand(command: Command, before: readonly string[]): CompletionCommand[] {
  const path = [...before, command.name()];
  // After a command with operands of its own, files are completed.
  const isWithCommands = isGroup(command);
  // The command help of a group is commander's, which has no declaration of its own.
  const nested = isWithCommands ? command.createHelp().visibleCommands(command) : [];
  const names = nested.flatMap(nameCommand);
  const described = isWithCommands ? command.commands.flatMap((each) => describeCommand(each, path)) : [];
  const help = {
    path: [...path, 'help'],
    options: [],
    operands: [],
    commands: names.filter(({ word }) => word !== 'help'),
  };
  return [
    {
      path,
      options: listOptions(command),
      operands: command.registeredArguments.map((argument) => ({
        value: describeOperandValue(command, argument),
        isRepeatable: argument.variadic,
      })),
      commands: names,
    },
    ...described,
    ...(isWithCommands ? [help] : []),
  ];
}

/** The name of a command and its aliases. */
function nameCommand(command: Command): Word[] {
  return [command.name(), ...command.aliases()].map((word) => ({ word, text: command.description() }));
}

/** The options of a command, those that its help leaves out included, and the help itself. */
function listOptions(command: Command): CompletionOption[] {
  return [...command.options.map(describeOption), HELP_OPTION];
}

const HELP_OPTION: CompletionOption = {
  names: HELP_FLAGS,
  text: 'print help',
  value: undefined,
  isValueOptional: false,
  isRepeatable: false,
};

function describeOption(option: Option): CompletionOption {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  return {
    names,
    text: shorten(option.description),
    value: describeOptionValue(option),
    // A placeholder such as <[name:]file> makes commander set both.
    isValueOptional: option.optional && !option.required,
    isRepeatable: Array.isArray(option.defaultValue) || /\brepeatable\b/.test(option.description),
  };
}

/** Shortens a text to its main statement; if that is too long, to what comes before a comma, a colon or a space. */
function shorten(text: string): string {
  const statement = text.replace(/^with any command: /, '').replace(DETAILS, '');
  if (statement.length <= MAX_TEXT_LENGTH) return statement;
  const start = statement.slice(0, MAX_TEXT_LENGTH);
  return /^(.{20,})[,:] /.exec(start)?.[1] ?? `${start.replace(/ \S*$/, '')} …`;
}
