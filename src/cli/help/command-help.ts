import type { Argument, Command, Help, Option } from 'commander';
import { DEFAULT_COLUMNS } from '../../view/text/layout.js';
import { nameOf } from './command-path.js';
import { formatHelpPage, type HelpItem, type HelpPage } from './help-page.js';
import { groupOptions } from './option-groups.js';

/** Formats the help of a command below the program, for commander. */
export function formatCommandHelp(command: Command, helper: Help): string {
  return formatHelpPage(describeCommand(command, helper), helper.helpWidth ?? DEFAULT_COLUMNS);
}

/** The help of a command, without explanation and examples. */
export function describeCommand(command: Command, helper: Help): HelpPage {
  const options = groupOptions(helper.visibleOptions(command), nameOption);
  const sections = [
    { heading: 'Arguments', items: command.registeredArguments.map(describeArgument) },
    ...options.map(({ heading, options }) => ({ heading, items: options.map(describeOption) })),
    { heading: 'Commands', items: helper.visibleCommands(command).map(describeNested) },
  ];
  return {
    usage: `${nameOf(command)} ${describeUsage(command)}`,
    description: formatSentence(command.description()),
    sections: sections.filter(({ items }) => items.length > 0),
  };
}

/** Whether a command does nothing itself: one of its commands has to follow. */
export function isGroup(command: Command): boolean {
  return command.commands.length > 0 && command.registeredArguments.length === 0;
}

/** What follows the command's name. */
export function describeUsage(command: Command): string {
  return isGroup(command) ? '<command>' : command.usage();
}

/** A description as a sentence. */
export function formatSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function nameOption({ long, short }: Option): string {
  return long ?? short ?? '';
}

function describeArgument(argument: Argument): HelpItem {
  return { term: argument.name(), text: argument.description };
}

function describeNested(command: Command): HelpItem {
  return { term: command.name(), text: command.description() };
}

function describeOption(option: Option): HelpItem {
  const facts = listOptionFacts(option);
  return { term: option.flags, text: addFacts(option.description, facts) };
}

/** Adds facts in brackets, in those of the description if it ends in its own. */
function addFacts(description: string, facts: readonly string[]): string {
  if (facts.length === 0) return description;
  const [, before] = /^(.* \(default: .*)\)$/.exec(description) ?? [];
  return before === undefined ? `${description} (${facts.join('; ')})` : `${before}; ${facts.join('; ')})`;
}

/**
 * What an option's declaration says beside its description: whether it is required, its choices, and its default, if
 * that is a value that the user could have typed.
 *
 * @param formatValue - for a value that can be typed
 */
export function listOptionFacts(
  { mandatory, argChoices = [], defaultValue, defaultValueDescription, negate }: Option,
  formatValue: (value: string) => string = (value) => value,
): string[] {
  const isTyped = ['string', 'number', 'bigint'].includes(typeof defaultValue) && defaultValue !== '';
  return [
    ...(mandatory ? ['required'] : []),
    ...(argChoices.length === 0 ? [] : [`one of ${argChoices.map(formatValue).join(', ')}`]),
    ...(isTyped && !negate
      ? [`default: ${formatValue(defaultValueDescription ?? String(defaultValue))}`]
      : []),
  ];
}
