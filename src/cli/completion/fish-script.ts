import { quoteFishWord } from '../../base/shell-quote.js';
import type { CompletionCommand, CompletionOption } from './completion-model.js';
import type { ValueCompletion, Word } from './value-completion.js';

/** Formats the completion for fish, from 3.4 on. */
export function formatFishScript(commands: readonly CompletionCommand[], version: string): string {
  return [
    `# Completion of kexec-file ${version} for fish, printed by: kexec-file completion fish`,
    formatTables(commands),
    FUNCTIONS,
    'complete -c kexec-file -f',
    ...commands.flatMap(formatNames),
    ...formatOptions(commands),
    ...commands.flatMap(formatOperands),
    '',
  ].join('\n');
}

/** Which commands contain commands, and which options take a value: the words of a command line depend on it. */
function formatTables(commands: readonly CompletionCommand[]): string {
  const groups = commands.filter((command) => command.commands.length > 0);
  const taking = commands.map(({ path, options }) => {
    const names = options
      .filter(({ value, isValueOptional }) => value !== undefined && !isValueOptional)
      .flatMap(({ names }) => names);
    return names.map((name) => quoteFishWord([...path, name].join(' ')));
  });
  return `
function __kexec_file_has_commands
    contains -- "$argv" ${groups.map(({ path }) => quoteFishWord(path.join(' '))).join(' ')}
end

function __kexec_file_takes_value
    contains -- (string trim -- "$argv") \\
        ${taking
          .filter((names) => names.length > 0)
          .map((names) => names.join(' '))
          .join(' \\\n        ')}
end`;
}

const FUNCTIONS = `
# Reads the words before the cursor: the command, its options, and how many operands it has. fish asks for each
# candidate, so the answer is kept while these words are the same.
function __kexec_file_read
    set -l words (commandline -opc)
    test "$__kexec_file_words" = "$words"; and return
    set -g __kexec_file_words $words
    set -g __kexec_file_command
    set -g __kexec_file_given
    set -g __kexec_file_operands 0
    set -l pending
    set -l ended
    for word in $words[2..-1]
        if set -q pending[1]
            set pending
        else if not set -q ended[1]; and test "$word" = --
            set ended 1
        else if not set -q ended[1]; and string match -q -- '-?*' $word
            set -a __kexec_file_given (string replace -r '=.*' '' -- $word)
            __kexec_file_takes_value "$__kexec_file_command" $word; and set pending 1
        else if __kexec_file_has_commands "$__kexec_file_command"
            set -a __kexec_file_command $word
            set -g __kexec_file_given
        else
            set __kexec_file_operands (math $__kexec_file_operands + 1)
        end
    end
    # An option whose value is at the cursor counts as one that may be given.
    set -q pending[1]; and set -e __kexec_file_given[-1]
end

# Whether the line is at one of these commands.
function __kexec_file_at
    __kexec_file_read
    contains -- "$__kexec_file_command" $argv
end

# Whether the line is at a command ($argv[1]) and has as many operands as $argv[2]; with $argv[3], or more.
function __kexec_file_operand
    __kexec_file_read
    test "$__kexec_file_command" = $argv[1]; or return 1
    test $__kexec_file_operands -eq $argv[2]; and return
    set -q argv[3]; and test $__kexec_file_operands -gt $argv[2]
end

# Whether none of these options was given.
function __kexec_file_without
    for name in $argv
        contains -- $name $__kexec_file_given; and return 1
    end
    return 0
end

# Files whose names match a regular expression, and folders; if no file matches, all files.
function __kexec_file_files
    set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')
    set -l all (complete -C "__fish_command_without_completions $token")
    set -l wanted (string match -r -- "^(?:.*/)?(?:$argv)\\$" $all)
    if set -q wanted[1]
        printf '%s\\n' $wanted (string match -- '*/' $all)
    else if set -q all[1]
        printf '%s\\n' $all
    end
end
`;

function formatCondition(words: readonly string[]): string {
  return `-n ${quoteFishWord(words.join(' '))}`;
}

function formatDescription(text: string): string {
  return text === '' ? '' : ` -d ${quoteFishWord(text)}`;
}

/** The names of the commands in a command. */
function formatNames({ path, commands }: CompletionCommand): string[] {
  const condition = formatCondition(['__kexec_file_at', quoteFishWord(path.join(' '))]);
  return commands.map(
    ({ word, text }) =>
      `complete -c kexec-file ${condition} -a ${quoteFishWord(word)}${formatDescription(text)}`,
  );
}

/** The options. Those that several commands share are declared once. */
function formatOptions(commands: readonly CompletionCommand[]): string[] {
  const paths = new Map<string, string[]>();
  for (const { path, options } of commands) {
    for (const option of options) {
      const declaration = formatOption(option);
      paths.set(declaration, [...(paths.get(declaration) ?? []), path.join(' ')]);
    }
  }
  return [...paths].map(
    ([declaration, ofOption]) =>
      `complete -c kexec-file ${formatCondition(['__kexec_file_at', ...ofOption.map(quoteFishWord)])} ${declaration}`,
  );
}

function formatOption({ names, text, value, isValueOptional, isRepeatable }: CompletionOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [
    ...(isRepeatable ? [] : [formatCondition(['__kexec_file_without', ...names])]),
    ...flags,
    ...(value === undefined || isValueOptional ? [] : [formatValue(value)]),
    formatDescription(text).trim(),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function formatOperands({ path, operands }: CompletionCommand): string[] {
  return operands.flatMap(({ value, isRepeatable }, index) => {
    const arguments_ = [quoteFishWord(path.join(' ')), String(index), ...(isRepeatable ? ['more'] : [])];
    const condition = formatCondition(['__kexec_file_operand', ...arguments_]);
    // With an option's -x and -r, without them an operand.
    const candidates = formatValue(value)
      .replace(/^-[xr]/, '')
      .trim();
    return candidates === '' ? [] : [`complete -c kexec-file ${condition} ${candidates}`];
  });
}

/** The candidates of a value: -x is one without files, -r -F one with them. */
function formatValue({ words, paths, prefixes }: ValueCompletion): string {
  const known = [...words, ...prefixes.map((word) => ({ word, text: '' }))].map(formatWord);
  if (paths === 'folders') return `-x -a '(__fish_complete_directories)'`;
  if (paths === 'programs') return `-x -a '(__fish_complete_command)'`;
  if (paths !== 'none' && paths.length === 0)
    return `-r -F${known.length === 0 ? '' : ` -a ${quoteFishWord(known.join(' '))}`}`;
  const files = paths === 'none' ? [] : [`(__kexec_file_files ${quoteFishWord(buildExpression(paths))})`];
  const candidates = [...known, ...files];
  return candidates.length === 0 ? '-x' : `-x -a ${quoteFishWord(candidates.join(' '))}`;
}

/** A candidate, with what it means after a tab. */
function formatWord({ word, text }: Word): string {
  return text === '' ? quoteFishWord(word) : `${quoteFishWord(word)}\\t${quoteFishWord(text)}`;
}

/** The regular expression of file names that match one of the patterns. */
function buildExpression(patterns: readonly string[]): string {
  return patterns.map((pattern) => pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')).join('|');
}
