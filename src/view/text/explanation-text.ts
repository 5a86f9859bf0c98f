import type { KexecError } from '../../base/error.js';
import { formatRange } from '../../base/range.js';
import type { ExplainedEntry, Explanation } from '../../explain/explanation.js';
import { CHECK_INDENT, formatCheck, formatErrno } from './check-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** The column at which further lines of an entry's text begin: that of the check's name. */
const ENTRY_INDENT = 13;

export interface ExplanationTextOptions extends ViewOptions {
  /** What was loaded, and where. */
  readonly title: string;
  /** What kexec_file_load(2) would refuse in the file itself, if the kernel had to be extracted from it. */
  readonly asItIs?: KexecError | undefined;
}

/** What `explain` prints for a load: the refusal first, if there is one, then all other checks by subject. */
export const formatExplanation: View<[explanation: Explanation, options: ExplanationTextOptions]> = makeView(
  ({ refusal, groups }, { title, asItIs, ...options }) => {
    const layout = new Layout(options);
    const { colors } = layout;
    const verdict =
      refusal === undefined
        ? colors.green('loads')
        : colors.red(`refused${refusal.errno === undefined ? '' : `: ${formatErrno(refusal.errno)}`}`);
    const heading =
      refusal === undefined
        ? 'What was checked'
        : `What was checked before step ${refusal.step}, the refusal`;
    return [
      layout.line(`${title}: ${verdict}`, 2),
      ...(refusal === undefined
        ? []
        : [
            formatCheck(refusal, refusal.detail, layout) +
              formatHoles(refusal, layout) +
              `\n    more: kexec-file explain ${refusal.check}`,
          ]),
      ...(asItIs === undefined ? [] : [formatAsItIs(asItIs, layout)]),
      ...(groups.length === 0 ? [] : [`${heading}; the numbers are the kernel's order`]),
      ...groups.map(({ group, entries }) =>
        [group, ...entries.map((entry) => formatEntry(entry, layout))].join('\n'),
      ),
    ].join('\n\n');
  },
);

function formatAsItIs({ check, errno, seen }: KexecError, layout: Layout): string {
  const text =
    `kexec_file_load(2) refuses this file as it is: ${formatErrno(errno)}, ${check}: ${seen}. ` +
    'The kernel accepts only an Image; user space has to extract it first, as was done here.';
  return layout.line(text, 2);
}

/** An entry of the trail on a line; a note is followed by its rule and cure. */
function formatEntry(entry: ExplainedEntry, layout: Layout): string {
  const { colors } = layout;
  const { step, check, verdict, detail, rule, cure } = entry;
  const paint = verdict === 'ok' ? colors.green : colors.yellow;
  const start = `  ${String(step).padStart(3)}  ${verdict.padEnd(4)}  ${check}: `;
  const first =
    `  ${String(step).padStart(3)}  ${paint(verdict.padEnd(4))}  ${check}: ` +
    layout.wrap(detail, start.length, ENTRY_INDENT) +
    formatHoles(entry, layout);
  if (verdict === 'ok') return first;
  return [first, layout.label(ENTRY_INDENT, 'rule', rule), layout.label(ENTRY_INDENT, 'cure', cure)].join(
    '\n',
  );
}

/** Each range of memory that was tried for a segment, and why it was not used. */
function formatHoles({ holes = [] }: ExplainedEntry, layout: Layout): string {
  const indent = ' '.repeat(CHECK_INDENT);
  return holes
    .map(({ range, why }) => `\n${layout.line(`${indent}${formatRange(range)}: ${why}`, CHECK_INDENT + 2)}`)
    .join('');
}
