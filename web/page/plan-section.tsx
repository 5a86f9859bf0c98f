import type { JSX } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { type ChosenMachine, nameMachine } from '../jobs/chosen-machine.js';
import type { PlannedFile, PlanRequest } from '../jobs/plan-job.js';
import type { FilesByRole } from './file-roles.js';
import { JobSection } from './job-section.js';
import { formatLink, LinkContext } from './link-options.js';
import { Markup } from './markup.js';
import { MemoryMap } from './memory-map.js';
import type { OfferedFile } from './take-along.js';
import { useSameList } from './use-same-list.js';

interface PlanSectionProps {
  readonly title: string;
  readonly kernel: ChosenFile;
  readonly files: FilesByRole;
}

const PRESET_NAMES = Object.keys(PRESETS) as (keyof typeof PRESETS)[];

/** Where a kernel goes on a machine, or why it is refused. */
export function PlanSection({ title, kernel, files }: PlanSectionProps): JSX.Element {
  const machines: readonly ChosenMachine[] = [...files.machine, ...PRESET_NAMES];
  const initrds: readonly (ChosenFile | undefined)[] = [...files.initrd, undefined];
  const linked = useContext(LinkContext);
  const [machine, setMachine] = useState<ChosenMachine>();
  const [initrd, setInitrd] = useState<ChosenFile | undefined | 'first'>('first');
  const [commandLine, setCommandLine] = useState(linked['command-line'] ?? '');
  const [isCrash, setCrash] = useState('panic' in linked);
  const request: PlanRequest = {
    kernel,
    initrd:
      initrd !== 'first' && initrds.includes(initrd) ? initrd : findNamed(initrds, nameInitrd, linked.initrd),
    machine:
      machine !== undefined && machines.includes(machine)
        ? machine
        : (findNamed(machines, nameMachine, linked.machine) ?? 'qemu-virt'),
    keyrings: useSameList(files.keys),
    type: isCrash ? 'crash' : 'default',
    commandLine: commandLine === '' ? undefined : commandLine,
  };
  const kept = useMemo(() => request, Object.values(request));
  return (
    <JobSection
      title={title}
      job="plan"
      args={[kept]}
      commands={[formatCommand(request)]}
      files={listOutputs}
      link={formatPlanLink(request)}
      report={({ report }) => ({ name: 'plan', fields: report })}
      options={
        <div class="options">
          <Choice
            label="Machine"
            items={machines}
            chosen={request.machine}
            name={nameMachine}
            onChoose={setMachine}
          />
          <Choice
            label="Initrd"
            items={initrds}
            chosen={request.initrd}
            name={nameInitrd}
            onChoose={setInitrd}
          />
          <label>
            Command line{' '}
            <input
              type="text"
              value={commandLine}
              spellcheck={false}
              onChange={({ currentTarget }) => setCommandLine(currentTarget.value)}
            />
          </label>
          <label>
            <input
              type="checkbox"
              checked={isCrash}
              onChange={({ currentTarget }) => setCrash(currentTarget.checked)}
            />{' '}
            Crash kernel
          </label>
        </div>
      }
    >
      {({ isRefused, outcome, parts, rows, title: name }) => (
        <>
          <p class={isRefused ? 'outcome refused' : 'outcome'}>{outcome}</p>
          <Markup markup={parts.findings} />
          <MemoryMap rows={rows} title={name} />
          <Markup markup={parts.memory} />
          <Markup markup={parts.checks} />
        </>
      )}
    </JobSection>
  );
}

function formatCommand({ kernel, initrd, machine, keyrings, type, commandLine }: PlanRequest): string[] {
  return [
    'plan',
    kernel.name,
    ...(initrd === undefined ? [] : ['--initrd', initrd.name]),
    '--machine',
    nameMachine(machine),
    ...keyrings.flatMap(({ name }) => ['--keyring', name]),
    ...(commandLine === undefined ? [] : ['--command-line', commandLine]),
    ...(type === 'crash' ? ['--panic'] : []),
  ];
}

function nameInitrd(initrd: ChosenFile | undefined): string {
  return initrd?.name ?? 'none';
}

/** The item with a name; the first if none has it. */
function findNamed<Item>(items: readonly Item[], getName: (item: Item) => string, name: string | undefined) {
  return items[
    Math.max(
      0,
      items.findIndex((item) => getName(item) === name),
    )
  ];
}

function formatPlanLink({ initrd, machine, type, commandLine }: PlanRequest): string {
  return formatLink({
    machine: nameMachine(machine),
    initrd: nameInitrd(initrd),
    'command-line': commandLine,
    panic: type === 'crash' ? '' : undefined,
  });
}

function listOutputs({ page, picture }: PlannedFile): OfferedFile[] {
  return [
    { label: 'Save as HTML', name: 'plan.html', type: 'text/html', text: page },
    ...(picture === undefined
      ? []
      : [{ label: 'Save as SVG', name: 'memory-map.svg', type: 'image/svg+xml', text: picture }]),
  ];
}

interface ChoiceProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly chosen: Item;
  readonly name: (item: Item) => string;
  readonly onChoose: (item: Item) => void;
}

function Choice<Item>({ label, items, chosen, name, onChoose }: ChoiceProps<Item>): JSX.Element {
  return (
    <label>
      {label}{' '}
      <select
        value={items.indexOf(chosen)}
        onChange={({ currentTarget }) => onChoose(items[Number(currentTarget.value)] as Item)}
      >
        {items.map((item, index) => (
          <option key={name(item)} value={index}>
            {escapeField(name(item), 80)}
          </option>
        ))}
      </select>
    </label>
  );
}
