/** Shells that complete command lines of kexec-file by the scripts of `kexec-file completion`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runCli } from './cli.js';
import { runProgram } from './programs.js';
import { type Completed, TYPED_SHELLS, typeIntoShell } from './typed-shell.js';

/** A shell; bash with and without Debian's bash-completion. */
export type CompletingShell = 'bash' | 'bash with bash-completion' | 'zsh' | 'fish';

export const COMPLETING_SHELLS: readonly CompletingShell[] = [
  'bash',
  'bash with bash-completion',
  'zsh',
  'fish',
];

/** The file that Debian's bash-completion is read from. */
const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';

/** Its name for `kexec-file completion`. */
export function nameShell(shell: CompletingShell): 'bash' | 'zsh' | 'fish' {
  return shell === 'bash with bash-completion' ? 'bash' : shell;
}

const scripts = new Map<CompletingShell, string>();

/** What `kexec-file completion` prints, which is run once for each shell. */
export function readCompletionScript(shell: CompletingShell): string {
  const known = scripts.get(shell);
  if (known !== undefined) return known;
  const { status, stdout, stderr } = runCli('completion', nameShell(shell));
  if (status !== 0) throw new Error(stderr);
  scripts.set(shell, stdout);
  return stdout;
}

/**
 * Completes command lines as the shell does if Tab is pressed at their ends.
 *
 * @param folder - where the shell runs; its startup files are written there, hidden
 * @param lines - without line feeds
 * @returns for each line, the candidates without the shell's quotes, sorted, and, but for fish, the line after the key
 */
export async function completeLines(
  shell: CompletingShell,
  folder: string,
  lines: readonly string[],
  script = readCompletionScript(shell),
): Promise<Completed[]> {
  if (shell === 'fish') return completeInFish(script, folder, lines);
  if (shell === 'zsh') return completeInZsh(script, folder, lines);
  const library = shell === 'bash' ? '' : `. ${BASH_COMPLETION} || exit 1\n`;
  writeFileSync(join(folder, '.setup'), `${library}${script}${TYPED_SHELLS.bash}`);
  return (await typeIntoShell('bash --rcfile .setup -i', folder, lines)).map(normalize);
}

/** Where zsh keeps what it found in its folders of functions: to find it again takes a CPU for seconds. */
const ZSH_DUMP = resolve('build/zcompdump');

async function completeInZsh(script: string, folder: string, lines: readonly string[]): Promise<Completed[]> {
  mkdirSync(dirname(ZSH_DUMP), { recursive: true });
  const start = `PS1='%% '\nautoload -U compinit && compinit -u -d '${ZSH_DUMP}'\n`;
  writeFileSync(join(folder, '.zshrc'), `${start}${script}${TYPED_SHELLS.zsh}`);
  return (await typeIntoShell('zsh -d -i', folder, lines)).map(({ candidates, line }) =>
    normalize({ candidates: candidates.map((each) => each.replaceAll(/\\(.)/g, '$1')), line }),
  );
}

/** Between the candidates of two lines. */
const SEPARATOR = '--- end';

/** fish prints its candidates by itself: one a line, with a description after a tab. */
function completeInFish(script: string, folder: string, lines: readonly string[]): Completed[] {
  writeFileSync(join(folder, '.setup.fish'), script);
  const commands = lines.map((line) => `complete -C ${quoteForFish(line)}; echo ${quoteForFish(SEPARATOR)}`);
  const output = runProgram('fish', ['--no-config', '-c', ['source .setup.fish', ...commands].join('\n')], {
    cwd: folder,
  });
  return output
    .split(`${SEPARATOR}\n`)
    .slice(0, -1)
    .map((text) =>
      normalize({ candidates: text.split('\n').map((line) => line.replace(/\t.*/, '')), line: '' }),
    );
}

function quoteForFish(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

/** The shells differ in the slash of a folder, in the option before a value, and in empty or repeated candidates. */
function normalize({ candidates, line }: Completed): Completed {
  const texts = candidates
    .filter((text) => text !== '')
    .map((text) => text.replace(/\/$/, '').replace(/^--[a-z-]+=(?=.)/, ''));
  return { candidates: [...new Set(texts)].sort(), line };
}
