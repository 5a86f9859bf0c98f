import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { findSimilar } from '../../base/find-similar.js';
import { Layout, type ViewOptions } from '../../view/text/layout.js';
import { makeView, type View } from '../../view/text/make-view.js';
import type { Printable } from '../../view/text/printable.js';
import { listWords, nameOf } from '../help/command-path.js';
import { DEBUG, HELP_FLAGS, VERSION_FLAGS } from '../help/global-options.js';
import { findEquivalent } from '../help/kexec-tools-options.js';
import { errorView } from '../terminal/screen.js';
import { COMMANDS } from './commands.js';
import { buildProgram } from './program.js';

/**
 * Describes wrong usage in a few lines: the mistake, what was probably meant, and where the usage is explained. All
 * commands are loaded for it, because what was meant may belong to any of them.
 *
 * @param mistake - commander's message
 * @param args - the command line
 */
export async function formatUsageError(mistake: string, args: readonly string[]): Promise<Printable> {
  const commands = await loadCommands();
  const called = findCalled(commands, args);
  const suggestion = suggest(mistake, called, commands);
  const path = called === undefined ? 'kexec-file' : nameOf(called);
  return formatMistake(
    [mistake, ...(suggestion === undefined ? [] : [`(${suggestion})`]), `more: ${path} --help`],
    errorView(),
  );
}

const formatMistake: View<[lines: readonly string[], options: ViewOptions]> = makeView((lines, options) => {
  const layout = new Layout(options);
  return lines.map((line) => layout.line(line, 2)).join('\n');
});

/** Loads all commands, those within others included. */
async function loadCommands(): Promise<Command[]> {
  const top = await Promise.all(
    Object.keys(COMMANDS).map(async (name) =>
      (await buildProgram(name)).commands.find((command) => command.name() === name),
    ),
  );
  return top.flatMap((command) => (command === undefined ? [] : [command, ...command.commands]));
}

/** Finds the command that the arguments name, or the one within it; undefined if they name none. */
function findCalled(commands: readonly Command[], args: readonly string[]): Command | undefined {
  const [first = '', second = ''] = listWords(args);
  const [name, nested] = first === 'help' ? [second, ''] : [first, second];
  const paths = [`kexec-file ${name} ${nested}`, `kexec-file ${name}`];
  return paths.flatMap((path) => commands.find((command) => nameOf(command) === path) ?? [])[0];
}

function suggest(
  mistake: string,
  called: Command | undefined,
  commands: readonly Command[],
): string | undefined {
  const [, kind, name = ''] = /^error: unknown (option|command) '(.*)'$/s.exec(mistake) ?? [];
  if (kind === 'option') return suggestOption(name.replace(/=.*/s, ''), called, commands);
  if (kind === 'command') return suggestCommand(name, called, commands);
  return undefined;
}

function suggestOption(
  flag: string,
  called: Command | undefined,
  commands: readonly Command[],
): string | undefined {
  const equivalent = findEquivalent(flag);
  // A letter resembles every other letter: only words are compared.
  const isWord = flag.startsWith('--');
  const own = called === undefined ? GLOBAL_OPTIONS : [...listOptions(called), ...EVERYWHERE];
  const similar = isWord && equivalent === undefined ? findSimilar(flag, own) : [];
  if (similar.length > 0) return ask(similar);
  if (equivalent !== undefined) return `${flag} of kexec-tools is: ${equivalent}`;
  const owners = commands.filter((command) => listOptions(command).includes(flag)).map(nameOf);
  // Of all commands, `plan` is the one that does no harm.
  const owner = owners.find((name) => name.endsWith(' plan')) ?? owners[0];
  if (owner !== undefined)
    return `${flag} is an option of ${owners.map((name) => name.replace('kexec-file ', '')).join(', ')}: ${owner} ${flag}`;
  const distant = isWord ? findSimilar(flag, [...commands.flatMap(listOptions), ...GLOBAL_OPTIONS]) : [];
  return distant.length === 0 ? undefined : ask(distant);
}

/** Options that every command takes. */
const EVERYWHERE: readonly string[] = [...HELP_FLAGS, '--color', DEBUG.flags];

/** Options without a command. */
const GLOBAL_OPTIONS: readonly string[] = [...EVERYWHERE, ...VERSION_FLAGS];

function listOptions(command: Command | undefined): string[] {
  return (command?.options ?? []).flatMap(({ long, short, hidden }) =>
    hidden ? [] : [long, short].filter((name) => typeof name === 'string'),
  );
}

/** A command may be mistyped, belong to another command, or be a file whose command was forgotten. */
function suggestCommand(
  typed: string,
  called: Command | undefined,
  commands: readonly Command[],
): string | undefined {
  const within = called?.commands.length
    ? called.commands
    : commands.filter(({ parent }) => parent?.parent === null);
  const similar = findSimilar(
    typed,
    within.map((command) => command.name()),
  );
  if (similar.length > 0) return ask(similar);
  const elsewhere = commands.filter((command) => command.parent?.parent !== null);
  const names = elsewhere.map((command) => command.name());
  const meant = names.includes(typed) ? [typed] : findSimilar(typed, names);
  if (meant.length > 0) {
    const paths = elsewhere.filter((command) => meant.includes(command.name())).map(nameOf);
    return ask(paths.map((path) => path.replace('kexec-file ', '')));
  }
  return existsSync(typed) ? `to see whether a kernel loads: kexec-file plan ${typed}` : undefined;
}

function ask(meant: readonly string[]): string {
  return meant.length === 1 ? `Did you mean ${meant[0]}?` : `Did you mean one of ${meant.join(', ')}?`;
}
