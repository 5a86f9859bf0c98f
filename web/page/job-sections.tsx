import { type ComponentChildren, Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import { CompareSection } from './compare-section.js';
import { DumpSection } from './dump-section.js';
import type { FilesByRole } from './file-roles.js';
import { LogSection } from './log-section.js';
import { MachineSection } from './machine-section.js';
import { memo } from './memo.js';
import { PlanSection } from './plan-section.js';
import { PreflightSection } from './preflight-section.js';
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
export const JobSections = memo(function JobSections({
  files,
}: {
  readonly files: FilesByRole;
}): JSX.Element {
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
});

/** Fewer machines are planned one by one. */
const MIN_FLEET = 3;

/** The machines of a larger fleet have no sections of their own. */
const MAX_SECTIONS = 20;

function listSections(files: FilesByRole): readonly Section[] {
  const { dump, log, kernel, program, keys, machine, fleet } = files;
  const signed = keys.length > 0 ? [...kernel, ...program] : [];
  return [
    ...dump.map((file) => buildSection('Crash', file, (title) => <DumpSection title={title} file={file} />)),
    ...log.map((file) => buildSection('Log', file, (title) => <LogSection title={title} file={file} />)),
    ...(machine.length < MIN_FLEET && fleet.length === 0
      ? []
      : kernel.map((file) =>
          buildSection('Preflight', file, (title) => (
            <PreflightSection title={title} kernel={file} files={files} />
          )),
        )),
    ...(['kernel', 'machine', 'tree'] as const).flatMap((kind) => listComparison(kind, files)),
    ...signed.map((file) =>
      buildSection('Signature', file, (title) => <VerifySection title={title} file={file} files={files} />),
    ),
    ...kernel.map((file) =>
      buildSection('Plan', file, (title) => <PlanSection title={title} kernel={file} files={files} />),
    ),
    ...(machine.length > MAX_SECTIONS ? [] : machine).map((item) =>
      buildSection('Machine', item, (title) => <MachineSection title={title} item={item} />),
    ),
  ];
}

/** The comparison of files of one role, if there are two. Of a fleet, preflight has the table. */
function listComparison(kind: 'kernel' | 'machine' | 'tree', files: FilesByRole): Section[] {
  const items: readonly ChosenItem[] = files[kind];
  const [first, second] = items;
  if (first === undefined || second === undefined || items.length > MAX_SECTIONS) return [];
  const title = `Comparison: ${items.length === 2 ? `${first.name}, ${second.name}` : COMPARED[kind]}`;
  const content = <CompareSection title={title} kind={kind} items={items} files={files} />;
  return [{ key: `Comparison ${kind}`, title, content }];
}

const COMPARED = { kernel: 'kernels', machine: 'machines', tree: 'device trees' } as const;

function buildSection(kind: string, file: ChosenItem, show: (title: string) => JSX.Element): Section {
  const title = `${kind}: ${file.name}`;
  return { key: `${kind} ${numberOf(file)}`, title, content: show(title) };
}

const numbers = new WeakMap<ChosenItem, number>();
let lastNumber = 0;

/** A number that a file keeps as long as it is on the page. */
function numberOf(file: ChosenItem): number {
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
