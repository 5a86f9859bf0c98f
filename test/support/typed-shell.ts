import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a shell prints around a record, and between the parts of one: separators of ASCII, which no line contains. */
const START = '\u001d';
const END = '\u001e';
const SEPARATOR = '\u001c';
const PART = '\u001f';

/** What a shell did for a line. */
export interface Completed {
  /** What it offered, as the script gave it. */
  readonly candidates: readonly string[];
  /** The line after the key. */
  readonly line: string;
}

/** Commands of bash that record what the function of kexec-file offers. Ctrl-X P prints the record. */
const BASH_SETUP = `
complete -p kexec-file > /dev/null || echo 'kexec-file has no completion' >&2
_recorded() { captured=(); _kexec_file "$@"; captured=("\${COMPREPLY[@]}"); }
_print_record() {
  printf '\\x1d'
  printf '%s\\x1f' "\${captured[@]}"
  printf '\\x1c%s\\x1e' "$READLINE_LINE"
  captured=()
}
complete -F _recorded kexec-file
bind 'set completion-query-items 0'
bind 'set page-completions off'
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
bind -x '"\\C-xp": _print_record'
printf '\\x1d\\x1c\\x1e'
`;

/** Commands of zsh that record what is added to the completions. */
const ZSH_SETUP = `
zstyle ':completion:*' verbose yes
compadd() {
  local -a added
  if (( ! \${@[(I)-[OAD]*]} )); then
    builtin compadd -A added "$@"
    captured+=("$added[@]")
  fi
  builtin compadd "$@"
}
_record() { _main_complete; }
zle -C record complete-word _record
_print_record() {
  printf '\\x1d' > /dev/tty
  printf '%s\\x1f' "$captured[@]" > /dev/tty
  printf '\\x1c%s\\x1e' "$BUFFER" > /dev/tty
  captured=()
}
zle -N _print_record
bindkey -e
bindkey '^I' record
bindkey '^Xp' _print_record
unsetopt beep list_beep
LISTMAX=10000
captured=()
printf '\\x1d\\x1c\\x1e'
`;

/** Commands for the startup file of a shell that lines are typed into. */
export const TYPED_SHELLS = { bash: BASH_SETUP, zsh: ZSH_SETUP } as const;

/**
 * Types lines into an interactive shell in a pseudo-terminal, each followed by the key Tab.
 *
 * @param command - starts the shell, whose setup prints one record when it is ready
 * @param folder - where it runs
 * @param lines - each without a line feed
 */
export async function typeIntoShell(
  command: string,
  folder: string,
  lines: readonly string[],
): Promise<Completed[]> {
  const inner = `stty cols 2000 rows 50; exec ${command}`;
  const child = spawn('script', ['--quiet', '--return', '--command', inner, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'dumb', HOME: folder, ZDOTDIR: folder, HISTFILE: undefined },
  });
  const closed = once(child, 'close');
  let output = '';
  const records: Completed[] = [];
  const type = (): void => {
    const next = lines[records.length - 1];
    // Ctrl-A Ctrl-K empties the line.
    if (next === undefined) child.stdin.write('\u0001\u000bexit\n');
    else child.stdin.write(`\u0001\u000b${next}\t\u0018p`);
  };
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    output += text;
    const found = output.split(END).slice(0, -1);
    for (const record of found.slice(records.length)) {
      const [candidates = '', line = ''] = record.slice(record.lastIndexOf(START) + 1).split(SEPARATOR);
      records.push({ candidates: candidates.split(PART).filter((each) => each !== ''), line });
      type();
    }
  });
  await closed;
  if (records.length !== lines.length + 1)
    throw new Error(`${command}: ${records.length - 1} of ${lines.length} lines: ${output.slice(-2000)}`);
  return records.slice(1);
}
