import type { Layout } from '../../view/text/layout.js';
import type { OptionSyntax } from './getopt.js';

/** Width of the left column. */
const COLUMN = 30;

/** Formats an option for a help text: `-l, --load   load KERNEL`. */
export function formatOptionHelp(
  { names, letter, argument, help }: OptionSyntax & { readonly help: string },
  layout: Layout,
): string {
  const short = letter === undefined ? [] : [`-${letter}`];
  const indent = letter === undefined ? '    ' : '';
  const flags = indent + [...short, ...names.map((name) => `--${name}`)].join(', ');
  const joint = names.length === 0 ? ' ' : '=';
  const left = `  ${flags}${argument === undefined ? '' : `${joint}${argument}`}`;
  if (left.length < COLUMN) return layout.hang(left.padEnd(COLUMN), help);
  return `${left}\n${layout.hang(' '.repeat(COLUMN), help)}`;
}
