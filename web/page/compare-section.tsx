import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { PRESETS } from '../../src/machine/presets/presets.js';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import { type ChosenMachine, formatRecording, nameMachine } from '../jobs/chosen-machine.js';
import type { ComparedFiles, CompareRequest } from '../jobs/compare-job.js';
import { Choice, MAX_CHOICES } from './choice.js';
import { FactsTable } from './facts-tree.js';
import type { FilesByRole } from './file-roles.js';
import { JobSection } from './job-section.js';
import { Markup } from './markup.js';
import { useSameList } from './use-same-list.js';

interface CompareSectionProps {
  readonly title: string;
  readonly kind: CompareRequest['kind'];
  /** Two or more. */
  readonly items: readonly ChosenItem[];
  readonly files: FilesByRole;
}

/** Loads that are planned for each of two files, at most. */
const MAX_LOADS = 4;

/** What differs between two machines, two kernels, or two device trees; and what that means for a load. */
export function CompareSection({ title, kind, items, files }: CompareSectionProps): JSX.Element {
  const choices = items.slice(0, MAX_CHOICES);
  const [before, setBefore] = useState<ChosenItem>();
  const [after, setAfter] = useState<ChosenItem>();
  const [first, second] = choices as [ChosenItem, ChosenItem];
  const pair = {
    before: before !== undefined && choices.includes(before) ? before : first,
    after: after !== undefined && choices.includes(after) ? after : second,
  };
  const machines = useSameList(listMachines(files));
  const kernels = useSameList(files.kernel.slice(0, MAX_LOADS));
  const given: CompareRequest = { kind, ...pair, machines, kernels, keyrings: files.keys };
  const request = useMemo(() => given, Object.values(given));
  return (
    <JobSection
      title={title}
      job="compare"
      args={[request]}
      commands={formatCommands(request)}
      options={
        <div class="options">
          <Choice label="Before" items={choices} chosen={pair.before} name={nameItem} onChoose={setBefore} />
          <Choice label="After" items={choices} chosen={pair.after} name={nameItem} onChoose={setAfter} />
        </div>
      }
    >
      {(compared) => <Comparison compared={compared} request={request} />}
    </JobSection>
  );
}

function nameItem({ name }: ChosenItem): string {
  return name;
}

function listMachines({ machine }: FilesByRole): readonly ChosenMachine[] {
  return machine.length === 0
    ? (Object.keys(PRESETS) as (keyof typeof PRESETS)[])
    : machine.slice(0, MAX_LOADS);
}

function formatCommands({ kind, before, after, machines }: CompareRequest): string[][] {
  if (kind === 'machine')
    return [before, after].flatMap((item) => [
      ...formatRecording(item),
      ['machine', 'show', nameMachine(item)],
    ]);
  if (kind === 'tree') return [before, after].map(({ name }) => ['inspect', name]);
  const names = machines.map((machine) => (typeof machine === 'string' ? machine : machine.name));
  return [['preflight', after.name, ...names, '--against', before.name]];
}

interface ComparisonProps {
  readonly compared: ComparedFiles;
  readonly request: CompareRequest;
}

function Comparison({ compared, request: { kind } }: ComparisonProps): JSX.Element {
  const { sentences, changes, loads, tree } = compared;
  return (
    <>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {loads.length > 0 && (
        <section>
          <h2>Loads</h2>
          <FactsTable
            rows={loads.map((load) => ({
              [kind === 'machine' ? 'kernel' : 'machine']: load.name,
              before: load.before,
              after: load.after,
              change: load.change === '' ? 'none' : load.change,
            }))}
            shown={undefined}
          />
        </section>
      )}
      {changes.length > 0 && (
        <section>
          <h2>Facts that differ</h2>
          <FactsTable
            rows={changes.map(({ name, before, after }) => ({ fact: name, before, after }))}
            shown={undefined}
          />
        </section>
      )}
      {tree !== undefined && (
        <section>
          <h2>Differences of the device trees</h2>
          <Markup markup={tree} />
        </section>
      )}
    </>
  );
}
