import { quoteWord, quoteWords } from '../../base/shell-quote.js';
import type { CompletionCommand, CompletionOption } from './completion-model.js';
import type { ValueCompletion, Word } from './value-completion.js';

/**
 * Formats the completion for zsh: a file for a folder of $fpath, where it is called `_kexec-file`, which can also be
 * sourced.
 */
export function formatZshScript(commands: readonly CompletionCommand[], version: string): string {
  const values = new Values();
  const paths = new Set(commands.map(({ path }) => nameFunction(path)));
  const functions = commands.map((command) => formatCommand(command, values, paths));
  return `#compdef kexec-file
# Completion of kexec-file ${version} for zsh, printed by: kexec-file completion zsh
${[...functions, ...values.formatFunctions()].join('')}
if [[ $funcstack[1] == _kexec-file ]]; then
  _kexec-file "$@"
else
  compdef _kexec-file kexec-file
fi
`;
}

/** The name of the function that completes a command. */
function nameFunction(path: readonly string[]): string {
  return ['_kexec-file', ...path].join('-');
}

/** @param known - the names of all functions */
function formatCommand(
  { path, options, operands, commands }: CompletionCommand,
  values: Values,
  known: ReadonlySet<string>,
): string {
  const specs = [
    ...options.flatMap((option) => formatOption(option, values)),
    ...operands.map(({ value, isRepeatable }) =>
      quoteWord(`${isRepeatable ? '*' : ''}:${escapeField(value.name)}:${values.findAction(value)}`),
    ),
  ];
  if (commands.length === 0) return formatFunction(path, `_arguments -s -S${joinSpecs(specs)}`);
  const rest = [quoteWord(': :->command'), quoteWord('*:: :->rest')];
  // Nothing follows a command that is an operand of help and contains no commands.
  const cases = commands
    .map(({ word }) => ({ word, name: nameFunction([...path, word]) }))
    .filter(({ name }) => known.has(name))
    .map(({ word, name }) => `    ${quoteWord(word)}) ${name} ;;\n`);
  return formatFunction(
    path,
    `local curcontext=$curcontext state line
  local -a commands
  _arguments -C -s -S${joinSpecs([...specs, ...rest])} && return
  case $state in
  command)
    commands=(${joinWords(commands)})
    _describe -t commands command commands
    ;;
  rest)
    curcontext=\${curcontext%:*:*}:${quoteWord(['kexec-file', ...path].join('-'))}-$words[1]:
    case $words[1] in
${cases.join('')}    esac
    ;;
  esac`,
  );
}

function formatFunction(path: readonly string[], body: string): string {
  return `
${nameFunction(path)}() {
  ${body}
}
`;
}

function joinSpecs(specs: readonly string[]): string {
  return specs.map((spec) => ` \\\n    ${spec}`).join('');
}

/** The specifications of an option for _arguments, one for each of its names. */
function formatOption(
  { names, text, value, isValueOptional, isRepeatable }: CompletionOption,
  values: Values,
): string[] {
  const exclusion = isRepeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  return names.map((name) => {
    const description = `[${text.replaceAll(/[[\]\\:]/g, '\\$&')}]`;
    if (value === undefined) return quoteWord(`${exclusion}${name}${description}`);
    const separator = name.startsWith('--') ? `=${isValueOptional ? '-' : ''}` : '+';
    const message = `${isValueOptional ? '::' : ':'}${escapeField(value.name)}:${values.findAction(value)}`;
    return quoteWord(`${exclusion}${name}${separator}${description}${message}`);
  });
}

/** Escapes the character that ends a field. */
function escapeField(text: string): string {
  return text.replaceAll(/[:\\]/g, '\\$&');
}

/** Escapes a word of a list of choices, which _arguments evaluates. */
function escapeChoice(word: string): string {
  return word.replaceAll(/[^\w@%+=,./-]/g, '\\$&');
}

/** Words for _describe: a colon separates the word from its description. */
function joinWords(words: readonly Word[]): string {
  return words
    .map(
      ({ word, text }) =>
        `\n      ${quoteWord(text === '' ? escapeField(word) : `${escapeField(word)}:${text}`)}`,
    )
    .join('');
}

/** The values that need a function of their own; equal ones share it. */
class Values {
  readonly #bodies = new Map<string, string>();

  /** The action of _arguments that completes a value. */
  findAction(value: ValueCompletion): string {
    const { words, paths, prefixes } = value;
    const isPlain = words.length === 0 && prefixes.length === 0;
    if (isPlain && paths === 'none') return ' ';
    if (isPlain) return formatPaths(paths);
    if (paths === 'none' && words.every(({ text }) => text === ''))
      return `(${words.map(({ word }) => escapeChoice(word)).join(' ')})`;
    const body = formatBody(value);
    const known = this.#bodies.get(body);
    if (known !== undefined) return known;
    const name = `_kexec-file_${value.name.replaceAll(/\W+/g, '-')}_${this.#bodies.size + 1}`;
    this.#bodies.set(body, name);
    return name;
  }

  formatFunctions(): string[] {
    return [...this.#bodies].map(([body, name]) => `\n${name}() {\n${body}}\n`);
  }
}

/** What completes words, prefixes and paths. zsh shows files of other names, too, if none matches the patterns. */
function formatBody({ name, words, paths, prefixes }: ValueCompletion): string {
  return [
    ...(prefixes.length === 0
      ? []
      : [
          `  if compset -P '(${prefixes.map((prefix) => prefix.replaceAll(/[^\w:]/g, '\\$&')).join('|')})'; then\n`,
          `    ${formatPaths(paths)}\n`,
          '    return\n',
          '  fi\n',
          `  compadd -S '' -- ${quoteWords(prefixes)}\n`,
        ]),
    ...(words.length === 0
      ? []
      : [
          '  local -a known\n',
          `  known=(${joinWords(words)})\n`,
          `  _describe -t words ${quoteWord(name)} known\n`,
        ]),
    ...(paths === 'none' ? [] : [`  ${formatPaths(paths)}\n`]),
  ].join('');
}

function formatPaths(paths: ValueCompletion['paths']): string {
  if (paths === 'folders') return '_files -/';
  if (paths === 'programs') return '_command_names -e';
  if (paths === 'none' || paths.length === 0) return '_files';
  return `_files -g "(${paths.join('|')})(-.)"`;
}
