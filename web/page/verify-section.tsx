import type { JSX } from 'preact';
import { escapeField } from '../../src/base/escape-field.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { FailedCheck, VerifiedFile } from '../jobs/verify-job.js';
import { JobSection } from './job-section.js';
import { Markup } from './markup.js';
import { useSameList } from './use-same-list.js';

interface VerifySectionProps {
  readonly title: string;
  readonly file: ChosenFile;
  readonly keyrings: readonly ChosenFile[];
}

/** Whether a kernel that trusts the files of certificates on the page accepts a file's signature. */
export function VerifySection({ title, file, keyrings }: VerifySectionProps): JSX.Element {
  const kept = useSameList(keyrings);
  return (
    <JobSection
      title={title}
      job="verify"
      args={[file, kept]}
      commands={[['verify', file.name, ...keyrings.flatMap(({ name }) => ['--keyring', name])]]}
      report={({ report }) => ({ name: 'verify', fields: report })}
    >
      {(verified) => <Verdict verified={verified} />}
    </JobSection>
  );
}

function Verdict({ verified }: { readonly verified: VerifiedFile }): JSX.Element {
  const { verdict, detail, failed, notes, trail } = verified;
  return (
    <>
      <div class={verdict === 'ok' ? 'outcome' : 'outcome refused'}>
        <p>
          <strong>{verdict === 'ok' ? 'Trusted' : `Refused: ${failed?.errno} (${failed?.check})`}</strong>:{' '}
          {escapeField(detail)}
        </p>
        {failed !== undefined && <Failure failed={failed} />}
      </div>
      {notes.map((note) => (
        <p key={note}>Note: {escapeField(note)}</p>
      ))}
      <Markup markup={trail} />
    </>
  );
}

function Failure({ failed: { rule, source, cure } }: { readonly failed: FailedCheck }): JSX.Element {
  return (
    <>
      <p>Rule: {rule}</p>
      <p>From: {source}</p>
      <p>Cure: {cure}</p>
    </>
  );
}
