import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { ChosenSignature, FailedCheck, VerifiedFile } from '../jobs/verify-job.js';
import { Choice } from './choice.js';
import type { FilesByRole } from './file-roles.js';
import { JobSection } from './job-section.js';
import { Markup } from './markup.js';
import { useSameList } from './use-same-list.js';

interface VerifySectionProps {
  readonly title: string;
  readonly file: ChosenFile;
  readonly files: FilesByRole;
}

/** Whether a kernel that trusts the files of certificates on the page accepts a file's signature. */
export function VerifySection({ title, file, files }: VerifySectionProps): JSX.Element {
  const keyrings = useSameList(files.keys);
  const signatures: readonly ChosenSignature[] = ['pe', 'appended', ...files.ima];
  const [chosen, setChosen] = useState<ChosenSignature>('pe');
  const signature = signatures.includes(chosen) ? chosen : 'pe';
  return (
    <JobSection
      title={title}
      job="verify"
      args={[file, keyrings, signature]}
      commands={[
        [
          'verify',
          file.name,
          ...keyrings.flatMap(({ name }) => ['--keyring', name]),
          ...formatSignature(signature),
        ],
      ]}
      options={
        <div class="options">
          <Choice
            label="Signature"
            items={signatures}
            chosen={signature}
            name={nameSignature}
            onChoose={setChosen}
          />
        </div>
      }
      report={({ report }) => ({ name: 'verify', fields: report })}
    >
      {(verified) => <Verdict verified={verified} />}
    </JobSection>
  );
}

function nameSignature(signature: ChosenSignature): string {
  if (typeof signature !== 'string') return `security.ima in ${signature.name}`;
  return signature === 'pe' ? 'the one that kexec verifies' : 'appended, as IMA verifies it';
}

function formatSignature(signature: ChosenSignature): string[] {
  if (typeof signature !== 'string') return ['--ima-xattr', signature.name];
  return signature === 'pe' ? [] : ['--appended'];
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
      <p>Cure: {escapeField(cure)}</p>
    </>
  );
}
