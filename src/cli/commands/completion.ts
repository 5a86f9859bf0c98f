import { Argument, Command } from 'commander';
import { formatBashScript } from '../completion/bash-script.js';
import { type CompletionCommand, describeCompletion } from '../completion/completion-model.js';
import { formatFishScript } from '../completion/fish-script.js';
import { formatZshScript } from '../completion/zsh-script.js';
import { explainUsage } from '../help/explain-usage.js';
import { printBytes } from '../terminal/output.js';
import { packageVersion } from '../terminal/version.js';
import { loadCommands } from './load-commands.js';
import type { ProgramBuilder } from './program-builder.js';

/** The script of each shell. */
const FORMATS: Readonly<Record<string, (commands: readonly CompletionCommand[], version: string) => string>> =
  { bash: formatBashScript, zsh: formatZshScript, fish: formatFishScript };

export function buildCompletionCommand(buildProgram: ProgramBuilder): Command {
  return new Command()
    .addArgument(
      new Argument('[shell]', 'bash, zsh or fish (default: print this help)').choices(Object.keys(FORMATS)),
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints a script that lets a shell complete commands, options and their values, files by the kind that a command takes,
checks and errnos. The script is complete in itself: the program does not run at each TAB. Print it again after an update.

The Debian package installs the scripts. Without it, the examples install them for one user, or for all users:
  bash   read from ~/.bashrc, or from a file in /etc/bash_completion.d
  zsh    a file named _kexec-file in a folder of $fpath, such as /usr/local/share/zsh/site-functions
  fish   a file in ~/.config/fish/completions or /etc/fish/completions`,
        documents: ['docs/command-line.md'],
        examples: `
echo 'source <(kexec-file completion bash)' >> ~/.bashrc
kexec-file completion zsh > /usr/local/share/zsh/site-functions/_kexec-file
kexec-file completion fish > ~/.config/fish/completions/kexec-file.fish`,
      }),
    )
    .action(async (shell: string | undefined, _: unknown, command: Command) => {
      if (shell === undefined) return command.outputHelp();
      printBytes(new TextEncoder().encode(await formatCompletion(shell, buildProgram)));
    });
}

async function formatCompletion(shell: string, buildProgram: ProgramBuilder): Promise<string> {
  const commands = describeCompletion(await buildProgram(undefined), await loadCommands(buildProgram));
  const format = FORMATS[shell];
  if (format === undefined) throw new Error(`no completion for ${shell}`);
  return format(commands, packageVersion());
}
