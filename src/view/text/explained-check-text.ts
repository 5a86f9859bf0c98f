import type { ExplainedCheck } from '../../explain/explain-check.js';
import { formatErrno } from './check-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** A check in full, whatever is loaded: why it exists, how one gets there, and what to do then. */
export const formatExplainedCheck: View<[check: ExplainedCheck, options?: ViewOptions]> = makeView(
  ({ check, group, rule, source, why, how, cure, causes, errnos, example }, options) => {
    const layout = new Layout(options);
    const { bold, red } = layout.colors;
    const label = (name: string, text: string | undefined): string[] =>
      text === undefined ? [] : [layout.label(2, name, text, bold)];
    return [
      `${red(check)} (${group})`,
      ...label('rule', rule),
      ...label('from', source),
      ...label('why', why),
      ...label('how', how),
      ...label(
        'errno',
        errnos.length === 0 ? 'none: the check only adds notes' : errnos.map(formatErrno).join(', '),
      ),
      ...label('cure', cure),
      ...causes.flatMap((cause) => [
        ...label('if', `${cause.cause} (${cause.errno})`),
        ...label('cure', cause.cure),
      ]),
      ...(example === undefined ? [] : formatExample(example, bold)),
    ].join('\n');
  },
);

/** The commands of an example, a line each; a line for a shell is not broken. */
function formatExample(example: string, bold: (text: string) => string): string[] {
  return example.split('; ').map((line, index) => `  ${index === 0 ? bold('try') : '   '}   ${line}`);
}
