import type { AddHelpTextContext } from 'commander';
import { DEFAULT_COLUMNS } from '../../view/text/layout.js';
import { nameOf } from './command-path.js';
import { formatHelpText, type HelpText } from './help-text.js';

let isShort = false;

/** Makes the help short: without explanation and examples. */
export function shortenHelp(): void {
  isShort = true;
}

export function isHelpShort(): boolean {
  return isShort;
}

/**
 * The explanation and the examples that `--help` prints below the options, where `-h` and errors have only a pointer.
 *
 * @example
 * ```ts
 * command.addHelpText('after', explainUsage({ examples: 'kexec-file status' }));
 * ```
 */
export function explainUsage(text: HelpText): (context: AddHelpTextContext) => string {
  return ({ command, error }) => {
    if (isShort || error) return `\nmore: ${nameOf(command)} --help`;
    const columns = command.configureOutput().getOutHelpWidth?.() ?? DEFAULT_COLUMNS;
    return `\n${formatHelpText(text, columns)}`;
  };
}
