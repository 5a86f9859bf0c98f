import { findSimilar } from '../../base/find-similar.js';

/** The syntax of an option of getopt_long(3). */
export interface OptionSyntax {
  /** Its long names, without dashes. */
  readonly names: readonly string[];
  readonly letter?: string;
  /** The name of its argument; undefined if it takes none. */
  readonly argument?: string;
  /** Whether its names cannot be abbreviated, so that other abbreviations stay unambiguous. */
  readonly isUnabbreviated?: boolean;
}

/** An option on the command line. */
export interface GivenOption<Option> {
  readonly option: Option;
  /** As it was written, for messages: `--initrd`, `-p`. */
  readonly written: string;
  /** The argument; empty if the option takes none. */
  readonly value: string;
}

/** A parsed command line. */
export interface ParsedArguments<Option> {
  /** The options in order; those before the mistake, if there is one. */
  readonly options: readonly GivenOption<Option>[];
  /** The arguments that are no options; incomplete if there is a mistake. */
  readonly operands: readonly string[];
  /** The first mistake of the command line; what follows it was not read. */
  readonly mistake?: string;
}

class Mistake extends Error {}

/**
 * Parses arguments as glibc's getopt_long(3) does: long names may be abbreviated if that is unambiguous; an argument
 * follows after `=` or as the next word, whatever it begins with; letters may be combined, the last with its argument;
 * options may follow operands; `--` ends them; `-` alone is an operand.
 *
 * @param posixlyCorrect - whether the first operand ends the options (POSIXLY_CORRECT)
 */
export function getoptLong<Option extends OptionSyntax>(
  args: readonly string[],
  table: readonly Option[],
  { posixlyCorrect = false } = {},
): ParsedArguments<Option> {
  const options: GivenOption<Option>[] = [];
  const operands: string[] = [];
  const rest = [...args];
  try {
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      if (word === '--') {
        operands.push(...rest.splice(0));
      } else if (word.startsWith('--')) {
        options.push(readLong(word, rest, table));
      } else if (word.startsWith('-') && word !== '-') {
        for (const given of readLetters(word, rest, table)) options.push(given);
      } else {
        operands.push(word);
        if (posixlyCorrect) operands.push(...rest.splice(0));
      }
    }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { options, operands, mistake: error.message };
  }
  return { options, operands };
}

function readLong<Option extends OptionSyntax>(
  word: string,
  rest: string[],
  table: readonly Option[],
): GivenOption<Option> {
  const equals = word.indexOf('=');
  const isJoined = equals >= 0;
  const typed = word.slice(2, isJoined ? equals : undefined);
  const { name, option } = findLong(typed, table);
  const written = `--${name}`;
  if (option.argument === undefined) {
    if (isJoined) throw new Mistake(`${written} takes no argument, but ${word} gives it one`);
    return { option, written, value: '' };
  }
  return { option, written, value: isJoined ? word.slice(equals + 1) : readArgument(written, option, rest) };
}

/** Finds the option of that name, else the only option that the name abbreviates. */
function findLong<Option extends OptionSyntax>(
  typed: string,
  table: readonly Option[],
): { name: string; option: Option } {
  const all = table.flatMap((option) => option.names.map((name) => ({ name, option })));
  const exact = all.find(({ name }) => name === typed);
  if (exact !== undefined) return exact;

  const fitting = all.filter(({ name, option }) => name.startsWith(typed) && !option.isUnabbreviated);
  const [first] = fitting;
  if (first === undefined) throw new Mistake(describeUnknown(typed, all));
  if (fitting.some(({ option }) => option !== first.option)) {
    const names = fitting.map(({ name }) => `--${name}`).join(', ');
    throw new Mistake(`--${typed} may be any of ${names}`);
  }
  return first;
}

/** Names an option that does not exist, and those that it may mean. */
function describeUnknown(typed: string, all: readonly { readonly name: string }[]): string {
  const similar = findSimilar(
    typed,
    all.map(({ name }) => name),
  );
  const meant = similar.map((name) => `--${name}`).join(' or ');
  return `there is no option --${typed}${meant === '' ? '' : ` (did you mean ${meant}?)`}`;
}

/** Reads letters one by one; those before a mistake count. */
function* readLetters<Option extends OptionSyntax>(
  word: string,
  rest: string[],
  table: readonly Option[],
): Generator<GivenOption<Option>> {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const option = table.find((candidate) => candidate.letter === letter);
    if (option === undefined) throw new Mistake(`there is no option -${letter}`);
    const written = `-${letter}`;
    if (option.argument === undefined) {
      yield { option, written, value: '' };
      continue;
    }
    const joined = word.slice(at + 1);
    yield { option, written, value: joined === '' ? readArgument(written, option, rest) : joined };
    return;
  }
}

function readArgument(written: string, { argument }: OptionSyntax, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw new Mistake(`${written} needs an argument, ${argument}`);
  return value;
}
