import { createColors } from 'picocolors';
import { type About, type Finding, SEVERITIES, type Severity, stops } from '../../doctor/finding.js';
import { wrapText } from './wrap-text.js';

type Colors = ReturnType<typeof createColors>;

const HEADINGS: Readonly<Record<Severity, string>> = {
  stops: 'What stops it',
  warns: 'What may go wrong',
  unknown: 'What is not known',
  fine: 'What is in order',
};

const SUBJECTS: Readonly<Record<About, string>> = { kexec: 'kexec', kdump: 'kdump', both: 'kexec, kdump' };

const INDENT = '  ';

/** The column at which reasons and cures stand, and go on in further lines. */
const HANG = 10;

/**
 * Findings to read: the worst first, each with its reason and its cure indented below it; what is in order has a line
 * each. The last lines say what comes of it all.
 */
export function formatFindings(findings: readonly Finding[], { color }: { readonly color: boolean }): string {
  const colors = createColors(color);
  const groups = SEVERITIES.flatMap((severity) => {
    const texts = findings.filter((one) => one.severity === severity).map((one) => findingText(one, colors));
    if (texts.length === 0) return [];
    const between = severity === 'fine' ? '\n' : '\n\n';
    return [`${paint(severity, colors)(HEADINGS[severity])}\n\n${texts.join(between)}`];
  });
  return [...groups, `${verdict(findings, 'kexec', colors)}\n${verdict(findings, 'kdump', colors)}`].join(
    '\n\n',
  );
}

function findingText({ topic, severity, about, fact, why, cure, source }: Finding, colors: Colors): string {
  const title = `${INDENT}${paint(severity, colors)(topic)} (${SUBJECTS[about]}): `;
  const first = wrapText(fact, INDENT.length + topic.length + SUBJECTS[about].length + 5, HANG);
  if (severity === 'fine') return title + first;
  return [
    title + first,
    `${INDENT.repeat(2)}why   ${wrapText(why, HANG, HANG)}`,
    ...(cure === undefined
      ? []
      : [`${INDENT.repeat(2)}${colors.bold('cure')}  ${wrapText(cure, HANG, HANG)}`]),
    `${INDENT.repeat(2)}${colors.dim(`from  ${wrapText(source, HANG, HANG)}`)}`,
  ].join('\n');
}

function verdict(findings: readonly Finding[], what: 'kexec' | 'kdump', colors: Colors): string {
  const count = findings.filter((finding) => stops(finding, what)).length;
  if (count > 0)
    return `${what}: ${colors.red(`${count} ${count === 1 ? 'finding stops' : 'findings stop'} it`)}`;
  const isGuess = findings.some(({ severity, about }) => severity === 'unknown' && about !== other(what));
  return `${what}: ${colors.green('nothing stops it')}${isGuess ? ', as far as is known' : ''}`;
}

function other(what: 'kexec' | 'kdump'): 'kexec' | 'kdump' {
  return what === 'kexec' ? 'kdump' : 'kexec';
}

function paint(severity: Severity, colors: Colors): (text: string) => string {
  return { stops: colors.red, warns: colors.yellow, unknown: colors.cyan, fine: colors.green }[severity];
}
