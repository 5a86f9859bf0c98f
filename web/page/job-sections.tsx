import { type ComponentChildren, Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { DumpSection } from './dump-section.js';
import type { FilesByRole } from './file-roles.js';
import { LogSection } from './log-section.js';
import { PlanSection } from './plan-section.js';
import { VerifySection } from './verify-section.js';

/** Sections whose jobs run at once. Of many files, the user chooses which others are worth the time. */
const AT_ONCE = 6;

/** A section, whose job has not begun yet. */
interface Section {
  /** Names can be equal. */
  readonly key: string;
  readonly title: string;
  readonly content: JSX.Element;
}

/** What files are for each other: a plan, a verdict, an explanation. */
export function JobSections({ files }: { readonly files: FilesByRole }): JSX.Element {
  return (
    <>
      {listSections(files).map(({ key, title, content }, index) =>
        index < AT_ONCE ? (
          <Fragment key={key}>{content}</Fragment>
        ) : (
          <DeferredSection key={key} title={title}>
            {content}
          </DeferredSection>
        ),
      )}
    </>
  );
}

function listSections(files: FilesByRole): readonly Section[] {
  const { dump, log, kernel, program, keys } = files;
  const signed = keys.length > 0 ? [...kernel, ...program] : [];
  return [
    ...dump.map((file) => buildSection('Crash', file, (title) => <DumpSection title={title} file={file} />)),
    ...log.map((file) => buildSection('Log', file, (title) => <LogSection title={title} file={file} />)),
    ...signed.map((file) =>
      buildSection('Signature', file, (title) => <VerifySection title={title} file={file} keyrings={keys} />),
    ),
    ...kernel.map((file) =>
      buildSection('Plan', file, (title) => <PlanSection title={title} kernel={file} files={files} />),
    ),
  ];
}

function buildSection(kind: string, file: ChosenFile, show: (title: string) => JSX.Element): Section {
  const title = `${kind}: ${file.name}`;
  return { key: `${kind} ${numberOf(file)}`, title, content: show(title) };
}

const numbers = new WeakMap<ChosenFile, number>();
let lastNumber = 0;

/** A number that a file keeps as long as it is on the page. */
function numberOf(file: ChosenFile): number {
  const known = numbers.get(file);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(file, lastNumber);
  return lastNumber;
}

interface DeferredProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** Begins when the user asks for it. */
function DeferredSection({ title, children }: DeferredProps): JSX.Element {
  const [isShown, setShown] = useState(false);
  if (isShown) return <>{children}</>;
  return (
    <section class="view">
      <header>
        <h2>{escapeField(title)}</h2>
        <button type="button" aria-label={`Show ${escapeField(title)}`} onClick={() => setShown(true)}>
          Show
        </button>
      </header>
    </section>
  );
}
