import { quoteWord, quoteWords } from '../../base/shell-quote.js';
import type { CompletionCommand, CompletionOption } from './completion-model.js';
import type { ValueCompletion } from './value-completion.js';

/** Formats the completion for bash: it needs bash 4.4 and nothing else. */
export function formatBashScript(commands: readonly CompletionCommand[], version: string): string {
  return [
    `# Completion of kexec-file ${version} for bash, printed by: kexec-file completion bash`,
    formatDescriptions(commands),
    formatValues(commands),
    ENGINE,
  ].join('\n');
}

/**
 * What follows a command. Options with one meaning are one word, `-o|--output`, with a star if they are repeatable.
 * `operands` is their number, with a plus sign if the last one may be repeated.
 */
function formatDescriptions(commands: readonly CompletionCommand[]): string {
  const cases = commands.map(({ path, commands, options, operands }) => {
    const names = commands.map(({ word }) => word);
    const flags = options.map(({ names, isRepeatable }) => names.join('|') + (isRepeatable ? '*' : ''));
    const count = `${operands.length}${operands.at(-1)?.isRepeatable === true ? '+' : ''}`;
    return `    ${quoteWord(path.join(' '))})
      commands=(${quoteWords(names)})
      options=(${flags.map((flag) => `'${flag}'`).join(' ')})
      operands=${count}
      ;;`;
  });
  return `
# Finds what follows a command.
_kexec_file_describe() {
  case $1 in
${cases.join('\n')}
    *) return 1 ;;
  esac
}`;
}

/** What completes the value of an option, `plan --cert`, or an operand, `plan 1`. */
function formatValues(commands: readonly CompletionCommand[]): string {
  const bodies = new Map<string, Map<string, string[]>>();
  const add = (name: string, path: string, body: string): void => {
    const ofName = bodies.get(name) ?? new Map<string, string[]>();
    bodies.set(name, ofName.set(body, [...(ofName.get(body) ?? []), path]));
  };
  for (const { path, options, operands } of commands) {
    for (const option of options) {
      for (const name of option.names) add(name, path.join(' '), formatOptionValue(option));
    }
    for (const [index, { value }] of operands.entries())
      add(String(index + 1), path.join(' '), formatValue(value, false));
  }
  const cases = [...bodies].flatMap(([name, ofName]) =>
    [...ofName].map(([body, paths]) => {
      const keys = ofName.size === 1 ? `*' ${name}'` : paths.map((path) => `'${path} ${name}'`).join(' | ');
      return `    ${keys}) ${body} ;;`;
    }),
  );
  return `
# Finds what completes the value of an option or an operand; fails if the option takes no value.
_kexec_file_value() {
  words=() patterns=() prefixes=() paths='' optional=''
  case "$1 $2" in
${cases.filter((each) => !each.endsWith(`${NO_VALUE} ;;`)).join('\n')}
    *) return 1 ;;
  esac
}`;
}

const NO_VALUE = 'return 1';

function formatOptionValue({ value, isValueOptional }: CompletionOption): string {
  return value === undefined ? NO_VALUE : formatValue(value, isValueOptional);
}

function formatValue({ words, paths, prefixes }: ValueCompletion, isOptional: boolean): string {
  const kind = typeof paths === 'string' ? paths : 'files';
  return [
    ...(words.length === 0 ? [] : [`words=(${quoteWords(words.map(({ word }) => word))})`]),
    ...(typeof paths === 'string' || paths.length === 0 ? [] : [`patterns=(${quoteWords(paths)})`]),
    ...(prefixes.length === 0 ? [] : [`prefixes=(${quoteWords(prefixes)})`]),
    ...(isOptional ? ['optional=1'] : []),
    `paths=${kind}`,
  ].join(' ');
}

const ENGINE = `
# Joins again what the shell splits at =, : and @, up to the cursor. "before" is the part of the last word that the
# shell does not replace.
_kexec_file_split() {
  local left=\${COMP_LINE:0:COMP_POINT} index piece trimmed last=0
  line=("\${COMP_WORDS[0]}") before=''
  left=\${left#*"\${COMP_WORDS[0]}"}
  for ((index = 1; index <= COMP_CWORD; index++)); do
    trimmed=\${left#"\${left%%[![:space:]]*}"}
    piece=\${trimmed:0:\${#COMP_WORDS[index]}}
    if [[ $trimmed == "$left" && $last -gt 0 && ($piece == [=:@]* || \${COMP_WORDS[index - 1]} == *[=:@]) ]]; then
      before=\${line[last]}
      line[last]+=$piece
    else
      before=''
      line[++last]=$piece
    fi
    left=\${trimmed:\${#piece}}
    if [[ $piece == [=:@] ]]; then before=\${line[last]}; fi
  done
}

# Removes the quotes of a word that may be incomplete; nothing in it is run or expanded.
_kexec_file_unquote() {
  local text=$1 quote='' index char
  unquoted=''
  for ((index = 0; index < \${#text}; index++)); do
    char=\${text:index:1}
    if [[ $char == "$quote" ]]; then
      quote=''
    elif [[ $quote == "'" ]]; then
      unquoted+=$char
    elif [[ $char == '\\' ]]; then
      ((index++))
      char=\${text:index:1}
      if [[ $quote == '"' && $char != [\\"\\\\\\$\\\`] ]]; then unquoted+='\\'; fi
      unquoted+=$char
    elif [[ -z $quote && ($char == "'" || $char == '"') ]]; then
      quote=$char
    else
      unquoted+=$char
    fi
  done
}

# Offers the words that begin with $1, less the part that the shell does not replace.
_kexec_file_offer() {
  local begin=$1 word
  shift
  for word in "$@"; do
    if [[ $word == "$begin"* ]]; then COMPREPLY+=("\${word#"$before"}"); fi
  done
}

# Lets the shell complete a path by itself.
_kexec_file_default() {
  compopt -o default -o bashdefault 2> /dev/null
}

# Offers the files that begin with $1: those whose names match a pattern, and folders; if none matches, all.
_kexec_file_files() {
  local names name pattern found='' wanted=()
  mapfile -t names < <(compgen -f -- "$1")
  for name in "\${names[@]}"; do
    if [[ -d \${name/#'~/'/"$HOME/"} ]]; then
      wanted+=("$name")
      continue
    fi
    for pattern in "\${patterns[@]}"; do
      if [[ \${name##*/} == $pattern ]]; then
        wanted+=("$name") found=1
        break
      fi
    done
  done
  compopt -o filenames 2> /dev/null
  if [[ -n $found ]]; then names=("\${wanted[@]}"); fi
  for name in "\${names[@]}"; do COMPREPLY+=("\${name#"$before"}"); done
}

# Offers what completes a value, of which $1 is there.
_kexec_file_complete_value() {
  local begin=$1 prefix name
  for prefix in "\${prefixes[@]}"; do
    if [[ $begin == "$prefix"* ]]; then
      begin=\${begin#"$prefix"}
      if [[ $before == "$prefix"* ]]; then before=\${before#"$prefix"}; fi
      words=() prefixes=()
      break
    fi
  done
  _kexec_file_offer "$begin" "\${words[@]}"
  case $paths in
    folders) compopt -o dirnames 2> /dev/null ;;
    programs)
      mapfile -t words < <(compgen -c -- "$begin")
      _kexec_file_offer "$begin" "\${words[@]}"
      ;;
    files)
      # The name of a member is up to the user.
      if [[ $begin == *'#'* ]]; then return; fi
      if [[ \${#words[@]} -eq 0 && \${#patterns[@]} -eq 0 && \${#prefixes[@]} -eq 0 ]]; then
        _kexec_file_default
        return
      fi
      _kexec_file_files "$begin"
      name=\${#COMPREPLY[@]}
      _kexec_file_offer "$begin" "\${prefixes[@]}"
      if [[ $name -eq 0 && \${#COMPREPLY[@]} -eq 1 ]]; then compopt -o nospace 2> /dev/null; fi
      ;;
  esac
}

_kexec_file() {
  local IFS=$' \\t\\n'
  local line before commands options operands words patterns prefixes paths optional unquoted
  local path='' given=' ' ended='' pending='' count=0 index word current option name
  COMPREPLY=()
  _kexec_file_split
  _kexec_file_describe '' || return
  for ((index = 1; index < \${#line[@]} - 1; index++)); do
    word=\${line[index]}
    if [[ -n $pending ]]; then
      pending=''
    elif [[ $word =~ ^[0-9]*[\\<\\>\\&]+$ ]]; then
      # A redirection, whose file is no operand.
      ((index++))
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      given+="\${word%%=*} "
      if [[ $word != *=* ]] && _kexec_file_value "$path" "$word"; then
        if [[ -z $optional ]]; then
          pending=$word
        elif [[ $index -lt $((\${#line[@]} - 2)) && \${line[index + 1]} != -* ]]; then
          ((index++))
        fi
      fi
    elif [[ \${#commands[@]} -gt 0 ]]; then
      path+="\${path:+ }$word"
      _kexec_file_describe "$path" || return
      given=' '
    else
      ((count++))
    fi
  done
  current=\${line[index]}
  if [[ \${line[index - 1]} =~ ^[0-9]*[\\<\\>\\&]+$ ]]; then
    _kexec_file_default
    return
  fi
  if [[ -z $pending && -z $ended && $current == --*=* ]]; then
    if ! _kexec_file_value "$path" "\${current%%=*}"; then return; fi
    if [[ $before == "\${current%%=*}="* ]]; then before=\${before#*=}; fi
    current=\${current#*=}
  elif [[ -n $pending ]]; then
    _kexec_file_value "$path" "$pending"
  elif [[ -z $ended && $current == -* || -z $ended && -z \${commands[*]} && $operands == 0 ]]; then
    for option in "\${options[@]}"; do
      name=\${option%\\*}
      for word in \${name//|/ }; do
        if [[ $option != *\\* && $given == *" $word "* ]]; then continue 2; fi
      done
      _kexec_file_offer "$current" \${name//|/ }
    done
    return
  elif [[ \${#commands[@]} -gt 0 ]]; then
    _kexec_file_offer "$current" "\${commands[@]}"
    return
  else
    ((count++))
    if [[ $operands == *+ && $count -gt \${operands%+} ]]; then count=\${operands%+}; fi
    if ! _kexec_file_value "$path" "$count"; then return; fi
  fi
  _kexec_file_unquote "$before"
  before=$unquoted
  _kexec_file_unquote "$current"
  _kexec_file_complete_value "$unquoted"
}

complete -F _kexec_file kexec-file
`;
