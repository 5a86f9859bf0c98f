import { type About, type Finding, SEVERITIES, type Severity, stops } from '../../doctor/finding.js';
import { type Colors, LABEL_WIDTH, Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

const HEADINGS: Readonly<Record<Severity, string>> = {
  stops: 'What stops it',
  warns: 'What may go wrong',
  unknown: 'What is not known',
  fine: 'What is in order',
};

const SUBJECTS: Readonly<Record<About, string>> = { kexec: 'kexec', kdump: 'kdump', both: 'kexec, kdump' };

const INDENT = '  ';
const LABEL_COLUMN = 4;

/**
 * What `doctor` prints: the worst findings first, each with its reason and cure; those that are in order have a line
 * each. The last two lines give the verdicts.
 */
export const formatFindings: View<[findings: readonly Finding[], options?: ViewOptions]> = makeView(
  (findings, options) => {
    const layout = new Layout(options);
    const { colors } = layout;
    const groups = SEVERITIES.flatMap((severity) => {
      const group = findings.filter((finding) => finding.severity === severity);
      if (group.length === 0) return [];
      const texts = group.map((finding) => formatFinding(finding, layout));
      const heading = choosePaint(severity, colors)(HEADINGS[severity]);
      return [`${heading}\n\n${texts.join(severity === 'fine' ? '\n' : '\n\n')}`];
    });
    const verdicts = (['kexec', 'kdump'] as const).map((what) => formatVerdict(findings, what, colors));
    return [...groups, verdicts.join('\n')].join('\n\n');
  },
);

function formatFinding({ topic, severity, about, fact, why, cure, source }: Finding, layout: Layout): string {
  const { colors } = layout;
  const subject = ` (${SUBJECTS[about]}): `;
  const column = INDENT.length + topic.length + subject.length;
  const first =
    INDENT +
    choosePaint(severity, colors)(topic) +
    subject +
    layout.wrap(fact, column, LABEL_COLUMN + LABEL_WIDTH);
  if (severity === 'fine') return first;
  return [
    first,
    layout.label(LABEL_COLUMN, 'why', why),
    ...(cure === undefined ? [] : [layout.label(LABEL_COLUMN, 'cure', cure, colors.bold)]),
    colors.dim(layout.label(LABEL_COLUMN, 'from', source)),
  ].join('\n');
}

function formatVerdict(findings: readonly Finding[], what: 'kexec' | 'kdump', colors: Colors): string {
  const count = findings.filter((finding) => stops(finding, what)).length;
  if (count > 0) {
    return `${what}: ${colors.red(`${count} ${count === 1 ? 'finding stops' : 'findings stop'} it`)}`;
  }
  const isUncertain = findings.some(
    ({ severity, about }) => severity === 'unknown' && (about === what || about === 'both'),
  );
  return `${what}: ${colors.green('nothing stops it')}${isUncertain ? ', as far as is known' : ''}`;
}

function choosePaint(severity: Severity, colors: Colors): (text: string) => string {
  return { stops: colors.red, warns: colors.yellow, unknown: colors.cyan, fine: colors.green }[severity];
}
