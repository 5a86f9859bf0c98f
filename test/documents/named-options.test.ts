/** Every command and option that a help text, a cure or a document names exists. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/base/checks.js';
import { formatTopHelp } from '../../src/cli/commands/top-help.js';
import { OPTION_GROUPS } from '../../src/cli/help/option-groups.js';
import { loadCommands, readHelp } from '../support/commands.js';

const COMMANDS = await loadCommands();
const EVERYWHERE = ['-h', '--help', '--color', '--debug'];

/** Options of the program without a command. */
const OF_PROGRAM = [...EVERYWHERE, '-v', '-V', '--version'];

function optionsOf(path: string): string[] {
  const options = COMMANDS.get(path)?.options ?? [];
  return [
    ...EVERYWHERE,
    ...options.flatMap(({ long, short }) => [long, short].filter((name) => name !== undefined)),
  ];
}

const ALL_OPTIONS = new Set([...OF_PROGRAM, ...[...COMMANDS.keys()].flatMap(optionsOf)]);

/** Options of other programs that help texts name in prose. */
const FOREIGN = new Set(['--detached', '--hostonly']);

/** Texts of the program that begin with its name, and placeholders for a command. */
const NO_CALLS = /^(COMMAND|CA|\.\.\.|…|<|oracle CA|capture:)/;

/** The calls of the command in a text: what follows `kexec-file` up to the end of a shell command or a sentence. */
function findCalls(text: string): string[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ').replaceAll(/\$\([^)]*\)/g, 'X');
  return [...joined.matchAll(/(?<![\w./@-])kexec-file((?: +(?:'[^'\n]*'|"[^"\n]*"|[^\s`|&;()\n]+))+)/g)].map(
    ([, words = '']) => words.trim(),
  );
}

/** The faults of a call: a command or an option that does not exist. */
function findFaults(call: string): string[] {
  const words = call.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  const [first = '', second = ''] = words.map((word) => word.replace(/[.,:"]+$/, ''));
  const path = [`kexec-file ${first} ${second}`, `kexec-file ${first}`].find((name) => COMMANDS.has(name));
  if (path === undefined)
    return first.startsWith('-') && OF_PROGRAM.includes(first) ? [] : [`no command ${first}`];
  const named = words.flatMap((word) => /^\[?(--?[a-zA-Z][\w-]*)/.exec(word)?.[1] ?? []);
  return named
    .filter((option) => !optionsOf(path).includes(option))
    .map((option) => `${path} has no ${option}`);
}

/** Code in Markdown: blocks and spans, in which a call is a command line and not a sentence. */
function readCode(document: string): string {
  const text = readFileSync(document, 'utf8');
  const blocks = [...text.matchAll(/^```\w* ?\w*\n(.*?)^```$/gms), ...text.matchAll(/^( {4}.+)$/gm)];
  const spans = text.matchAll(/`([^`\n]+)`/g);
  return [...blocks, ...spans].map(([, code = '']) => code).join('\n');
}

const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path)),
].filter((path) => path.endsWith('.md'));

describe('commands and options that exist', () => {
  it.each(DOCUMENTS)('are all that %s names', (document) => {
    const calls = findCalls(readCode(document)).filter((call) => !NO_CALLS.test(call));
    expect(calls.flatMap(findFaults)).toEqual([]);
  });

  it.each([...COMMANDS])('are all that %s --help names', (_, command) => {
    const help = readHelp(command, 1000);
    const examples = /\nExamples?:\n(.*)$/s.exec(help)?.[1] ?? '';
    expect(findCalls(examples).flatMap(findFaults)).toEqual([]);
    const prose = help.slice(0, help.length - examples.length);
    const named = [...prose.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([name]) => name);
    expect(named.filter((name) => !ALL_OPTIONS.has(name) && !FOREIGN.has(name))).toEqual([]);
  });

  it('are all that the help of the program names', () => {
    const [prose = '', examples = ''] = formatTopHelp(1000, false).split('\nExamples:\n');
    const calls = findCalls(examples);
    expect(calls.length).toBeGreaterThan(1);
    expect(
      [...calls, ...findCalls(/^start with: (.*)$/m.exec(prose)?.[1] ?? '')].flatMap(findFaults),
    ).toEqual([]);
  });

  it.each(Object.entries(CHECKS))('are all that the cure of %s names', (_, { cure }) => {
    expect(
      findCalls(cure)
        .flatMap(findFaults)
        .filter((fault) => !fault.startsWith('no command')),
    ).toEqual([]);
  });

  it('are all that are in a group of options', () => {
    for (const name of Object.values(OPTION_GROUPS).flat()) {
      if (name !== '--force') expect(ALL_OPTIONS, name).toContain(name);
    }
  });
});
