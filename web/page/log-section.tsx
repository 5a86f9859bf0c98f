import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import type { LogMatch } from '../../src/explain/kernel-log.js';
import { formatCount } from '../../src/preflight/wording.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { JobSection } from './job-section.js';

const SEVERITIES: Readonly<Record<LogMatch['severity'], string>> = {
  stops: 'Cause',
  warns: 'Warning',
  harmless: 'Harmless',
};

/** What a kernel log says about kexec and kdump, and what to do. */
export function LogSection({
  title,
  file,
}: {
  readonly title: string;
  readonly file: ChosenFile;
}): JSX.Element {
  return (
    <JobSection
      title={title}
      job="log"
      args={[file]}
      commands={[['explain', '--log', file.name]]}
      report={(log) => ({ name: 'explain', fields: { log } })}
    >
      {({ lines, matches, omitted }) => (
        <>
          <p>
            {formatCount(lines)} lines,{' '}
            {matches.length === 0
              ? 'no known message of kexec or kdump'
              : 'with messages of kexec and kdump:'}
          </p>
          <ol class="matches">
            {matches.map((match) => (
              <Match key={match.line} match={match} />
            ))}
          </ol>
          {omitted > 0 && <p>{omitted} further lines have causes that are not listed: there are too many.</p>}
        </>
      )}
    </JobSection>
  );
}

function Match({ match }: { readonly match: LogMatch }): JSX.Element {
  const { line, text, times, last, severity, cause, meaning, errno, checks } = match;
  return (
    <li class={severity === 'harmless' ? 'outcome' : 'outcome refused'}>
      <p>
        <small>
          line {line}
          {last === undefined ? '' : ` to ${last.line}, ${times} times`}
        </small>{' '}
        <code>{escapeField(text)}</code>
      </p>
      <p>
        <strong>{SEVERITIES[severity]}</strong>:{' '}
        {escapeField(meaning === undefined ? cause : `${cause}: ${meaning}`)}
        {errno === undefined ? '' : ` (${errno})`}
      </p>
      {checks.map(({ check, rule, cure }) => (
        <p key={check}>
          <code>{check}</code>: {escapeField(rule)}. Cure: {escapeField(cure)}
        </p>
      ))}
    </li>
  );
}
