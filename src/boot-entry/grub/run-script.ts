import { refuse } from '../../base/error.js';
import { type Branch, parseScript, type Statement, type Word } from './grub-script.js';
import type { WordPart } from './grub-words.js';
import { type Answer, evaluateTest } from './test-command.js';
import { type Expanded, expandWord, expandWords, type Variables } from './variables.js';

/** An item of a menu of GRUB. */
export interface GrubItem {
  readonly title: string;
  readonly id: string | undefined;
  /** The entry's commands, or the items of a submenu. */
  readonly body: readonly Statement[];
  readonly isSubmenu: boolean;
  /** Arguments of the entry: its title is `$1`. */
  readonly source: string;
}

/** A place in a menu where GRUB may have items, or none: it decides by what it finds at boot. */
export const UNCERTAIN = 'uncertain';

/** What a script may ask for. */
export interface ScriptHost {
  /** Whether a file exists, by the name that GRUB knows it by; undefined if that is unknown here. */
  readonly isFile: (path: string) => Answer;
  /** The text of another script, or of an environment block; undefined if it does not exist or is unknown here. */
  readonly readText: (path: string) => string | undefined;
  /** The values in GRUB's environment block. */
  readonly readEnvironment: (path: string | undefined) => ReadonlyMap<string, string>;
  /** The entries that the command blscfg adds. */
  readonly listBls: (variables: Variables) => readonly GrubItem[];
  /** The file that is being read, for {@link GrubItem.source}. */
  readonly source: string;
}

/** A command of a menu entry that decides what starts, with its expanded arguments. */
export interface StartCommand extends Expanded {
  readonly name: string;
}

/** Commands that decide what an entry starts. */
const START_COMMANDS: readonly string[] = [
  'linux',
  'linuxefi',
  'linux16',
  'initrd',
  'initrdefi',
  'initrd16',
  'devicetree',
  'chainloader',
  'configfile',
  'multiboot',
  'multiboot2',
  'xen_hypervisor',
  'xen_module',
  'xnu_kernel64',
];

/** More steps are no configuration, but a loop. */
const MAX_STEPS = 100_000;

/** Functions and scripts that call each other. */
const MAX_CALLS = 32;

type Function = readonly Statement[];

/**
 * Runs a script of GRUB as far as it can be run without GRUB. What depends on GRUB's own answers becomes unknown: it is
 * never guessed.
 */
export class ScriptRun {
  readonly items: (GrubItem | typeof UNCERTAIN)[] = [];
  readonly starts: StartCommand[] = [];
  /** What would start something, in a branch that only GRUB can choose. */
  readonly uncertainStarts: string[] = [];
  readonly #variables: Variables;
  readonly #host: ScriptHost;
  readonly #functions: Map<string, Function>;
  #arguments: readonly string[] = [];
  #steps = 0;
  #calls = 0;

  constructor(variables: Variables, host: ScriptHost, functions: ReadonlyMap<string, Function> = new Map()) {
    this.#variables = variables;
    this.#host = host;
    this.#functions = new Map(functions);
  }

  /** A run that begins where this one is: for the commands of an entry, or the items of a submenu. */
  fork(): ScriptRun {
    return new ScriptRun(this.#variables.copy(), this.#host, this.#functions);
  }

  get variables(): Variables {
    return this.#variables;
  }

  /** Runs statements. @returns whether the last one succeeded */
  run(statements: readonly Statement[]): Answer {
    let answer: Answer = true;
    for (const statement of statements) answer = this.#runStatement(statement);
    return answer;
  }

  #runStatement(statement: Statement): Answer {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS)
      refuse('boot-entry-form', 'EFBIG', `it runs more than ${MAX_STEPS} commands`);
    if (statement.kind === 'if') return this.#runIf(statement.branches, statement.otherwise);
    if (statement.kind === 'function') {
      this.#functions.set(statement.name, statement.body);
      return true;
    }
    if (statement.kind === 'loop') {
      this.#doubt(statement.body);
      return undefined;
    }
    return this.#runCommand(statement);
  }

  #runIf(branches: readonly Branch[], otherwise: readonly Statement[]): Answer {
    for (const [index, { condition, body }] of branches.entries()) {
      const answer = this.run(condition);
      if (answer === true) return this.run(body);
      if (answer === false) continue;
      for (const branch of branches.slice(index)) this.#doubt(branch.body);
      this.#doubt(otherwise);
      return undefined;
    }
    return this.run(otherwise);
  }

  /** Notes what statements would change that may or may not run. */
  #doubt(statements: readonly Statement[], depth = 0): void {
    if (depth > MAX_CALLS) return;
    for (const statement of statements) {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS)
        refuse('boot-entry-form', 'EFBIG', `it has more than ${MAX_STEPS} commands`);
      if (statement.kind === 'if') {
        for (const { condition, body } of statement.branches) {
          this.#doubt(condition, depth + 1);
          this.#doubt(body, depth + 1);
        }
        this.#doubt(statement.otherwise, depth + 1);
      } else if (statement.kind === 'loop') this.#doubt(statement.body, depth + 1);
      else if (statement.kind === 'command') this.#doubtCommand(statement, depth);
    }
  }

  #doubtCommand({ words: command, block }: Extract<Statement, { kind: 'command' }>, depth: number): void {
    const { words } = expandWords(command, this.#lookUp);
    const [name = '', ...given] = words;
    const assigned = /^([A-Za-z_]\w*)=/s.exec(name === 'set' ? (given[0] ?? '') : name)?.[1];
    if (assigned !== undefined) this.#variables.forget(assigned);
    else if (name === 'unset') for (const each of given) this.#variables.forget(each);
    else if (name === 'search') this.#variables.forget(findSearched(given));
    else if (name === 'load_env')
      for (const each of this.#readEnvironment(given)) this.#variables.forget(each[0]);
    else if (block !== undefined || ['blscfg', 'source', '.', 'normal'].includes(name))
      this.items.push(UNCERTAIN);
    else if (START_COMMANDS.includes(name)) this.uncertainStarts.push(name);
    else this.#doubt(this.#functions.get(name) ?? [], depth + 1);
  }

  #runCommand(statement: Extract<Statement, { kind: 'command' }>): Answer {
    const assigned = this.#assign(statement.words);
    if (assigned) return true;
    const expanded = expandWords(statement.words, this.#lookUp);
    const { words, unknown } = expanded;
    const [name = '', ...given] = words;
    if (statement.block !== undefined) return this.#addItem(name, given, { block: statement.block, unknown });
    if (START_COMMANDS.includes(name)) {
      this.starts.push({ name, words: given, unknown });
      return true;
    }
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#call(body, given);
    return this.#runBuiltIn(name, given, unknown);
  }

  #runBuiltIn(name: string, given: readonly string[], unknown: readonly string[]): Answer {
    switch (name) {
      case '[':
        return unknown.length > 0 || given.at(-1) !== ']' ? undefined : this.#test(given.slice(0, -1));
      case 'test':
        return unknown.length > 0 ? undefined : this.#test(given);
      case 'true':
        return true;
      case 'false':
        return false;
      case 'unset':
        for (const each of given) this.#variables.unset(each);
        return true;
      case 'search':
        this.#variables.set(findSearched(given), SEARCHED);
        return true;
      case 'load_env':
        for (const [variable, value] of this.#readEnvironment(given)) this.#variables.set(variable, value);
        return true;
      case 'blscfg':
        this.items.push(...this.#host.listBls(this.#variables));
        return true;
      case 'source':
      case '.':
        return this.#source(given[0], unknown);
      default:
        // It prints, or sets up the screen: commands that change the menu are all above.
        return undefined;
    }
  }

  #test(words: readonly string[]): Answer {
    return evaluateTest(words, this.#host.isFile);
  }

  /** `set NAME=VALUE` and `NAME=VALUE`. */
  #assign(command: readonly Word[]): boolean {
    const [first] = command;
    const isSet = first?.length === 1 && readText(first[0]) === 'set';
    const word = isSet ? command[1] : first;
    const start = readText(word?.[0]);
    const found = /^([A-Za-z_]\w*)=/s.exec(start);
    if (word === undefined || found?.[1] === undefined) return isSet;
    // A value is not split into words.
    const value = [{ text: start.slice(found[0].length), isQuoted: true }, ...word.slice(1)];
    const { words, unknown } = expandWord(
      value.map((part) => ({ ...part, isQuoted: true })),
      this.#lookUp,
    );
    if (unknown.length > 0) this.#variables.forget(found[1]);
    else this.#variables.set(found[1], words.join(''));
    return true;
  }

  #addItem(
    name: string,
    given: readonly string[],
    { block, unknown }: { readonly block: readonly Statement[]; readonly unknown: readonly string[] },
  ): Answer {
    if (name !== 'menuentry' && name !== 'submenu') return undefined;
    const { title, id } = readItemWords(given);
    if (title === undefined || unknown.length > 0) this.items.push(UNCERTAIN);
    else
      this.items.push({ title, id, body: block, isSubmenu: name === 'submenu', source: this.#host.source });
    return true;
  }

  #call(body: Function, given: readonly string[]): Answer {
    if (this.#calls >= MAX_CALLS)
      refuse('boot-entry-form', 'EFBIG', `more than ${MAX_CALLS} functions call each other`);
    const before = this.#arguments;
    this.#arguments = given;
    this.#calls += 1;
    const answer = this.run(body);
    this.#calls -= 1;
    this.#arguments = before;
    return answer;
  }

  #source(path: string | undefined, unknown: readonly string[]): Answer {
    const text = path === undefined || unknown.length > 0 ? undefined : this.#host.readText(path);
    if (text === undefined) {
      // GRUB would go on after a script that does not exist; whether it exists is unknown here.
      if (path === undefined || unknown.length > 0 || this.#host.isFile(path) !== false)
        this.items.push(UNCERTAIN);
      return undefined;
    }
    return this.#call(parseScript(text), []);
  }

  #readEnvironment(given: readonly string[]): Iterable<readonly [string, string]> {
    const option = given.findIndex((word) => word === '--file' || word === '-f');
    const path =
      given.find((word) => word.startsWith('--file='))?.slice('--file='.length) ?? given[option + 1];
    const isNamed = option >= 0 || given.some((word) => word.startsWith('--file='));
    const names = given.filter(
      (word, index) => !word.startsWith('-') && (option < 0 || index !== option + 1),
    );
    const values = this.#host.readEnvironment(isNamed ? path : undefined);
    return names.length === 0 ? values : [...values].filter(([name]) => names.includes(name));
  }

  readonly #lookUp = (name: string): string | undefined => {
    if (/^\d+$/.test(name)) return this.#arguments[Number(name) - 1] ?? '';
    if (name === '@' || name === '*') return this.#arguments.join(' ');
    if (name === '#') return String(this.#arguments.length);
    return name === '?' ? undefined : this.#variables.get(name);
  };
}

function readText(part: WordPart | undefined): string {
  return part !== undefined && 'text' in part ? part.text : '';
}

/** The value of a variable that GRUB's search sets to a partition, which it finds by what is on it. */
export const SEARCHED = 'found-by-search';

/** The variable that search sets. */
function findSearched(given: readonly string[]): string {
  const joined = given.find((word) => word.startsWith('--set='))?.slice('--set='.length);
  const option = given.findIndex((word) => word === '--set' || word === '-s');
  const next = option < 0 ? undefined : given[option + 1];
  return joined ?? (next === undefined || next.startsWith('-') ? 'root' : next);
}

/** Options of menuentry that have a value: GNU GRUB manual, "menuentry". */
const OPTIONS_WITH_VALUE: readonly string[] = ['--class', '--users', '--hotkey', '--source', '--id'];

/** Title and ID out of the words of menuentry or submenu. */
export function readItemWords(words: readonly string[]): {
  title: string | undefined;
  id: string | undefined;
} {
  let title: string | undefined;
  let id: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [option = '', ...value] = word.split('=');
    if (!word.startsWith('--')) title ??= word;
    else if (option === '--id') id = value.length > 0 ? value.join('=') : words[at + 1];
    if (OPTIONS_WITH_VALUE.includes(word)) at += 1;
  }
  return { title, id };
}
