import type { JSX } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';
import type { LoadCall } from '../../src/kexec/load-options.js';
import { RULE_NAMES, type RuleName } from '../../src/kexec/rule-names.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { type ChosenMachine, formatRecording, nameMachine } from '../jobs/chosen-machine.js';
import type { PlannedFile, PlanRequest } from '../jobs/plan-job.js';
import { Choice, MAX_CHOICES } from './choice.js';
import type { FilesByRole } from './file-roles.js';
import { JobSection } from './job-section.js';
import { formatLink, LinkContext } from './link-options.js';
import { findNamed, readOption, useLoadFields } from './load-fields.js';
import { Markup } from './markup.js';
import { MemoryMap } from './memory-map.js';
import type { OfferedFile } from './take-along.js';

interface PlanSectionProps {
  readonly title: string;
  readonly kernel: ChosenFile;
  readonly files: FilesByRole;
}

const PRESET_NAMES = Object.keys(PRESETS) as (keyof typeof PRESETS)[];
const CALLS: readonly LoadCall[] = ['file', 'segments'];
const CALL_NAMES: Readonly<Record<LoadCall, string>> = { file: 'kexec_file_load', segments: 'kexec_load' };

/** Where a kernel goes on a machine, or why it is refused. */
export function PlanSection({ title, kernel, files }: PlanSectionProps): JSX.Element {
  const machines: readonly ChosenMachine[] = [...files.machine.slice(0, MAX_CHOICES), ...PRESET_NAMES];
  const linked = useContext(LinkContext);
  const { chosen, elements, formatWords, link } = useLoadFields(files);
  const [machine, setMachine] = useState<ChosenMachine>();
  const [call, setCall] = useState(readOption(CALLS, linked, 'syscall') ?? 'file');
  const [rules, setRules] = useState(readOption(RULE_NAMES, linked, 'rules') ?? 'mainline');
  const request: PlanRequest = {
    ...chosen,
    kernel,
    machine:
      machine !== undefined && machines.includes(machine)
        ? machine
        : (findNamed(machines, nameMachine, linked.machine) ?? 'qemu-virt'),
    call: call === 'file' ? undefined : call,
    rules: rules === 'mainline' ? undefined : rules,
  };
  const kept = useMemo(() => request, Object.values(request));
  const options = { syscall: request.call, rules: request.rules };
  return (
    <JobSection
      title={title}
      job="plan"
      args={[kept]}
      commands={[
        ...formatRecording(request.machine),
        [
          'plan',
          kernel.name,
          ...formatWords(['--machine', nameMachine(request.machine)]),
          ...formatOptions(options),
        ],
      ]}
      files={listOutputs}
      link={formatLink({ machine: nameMachine(request.machine), ...link, ...options })}
      report={({ report }) => ({ name: 'plan', fields: report })}
      options={
        <div class="options">
          <Choice
            label="Machine"
            items={machines}
            chosen={request.machine}
            name={(item) => (typeof item === 'string' ? item : item.name)}
            onChoose={setMachine}
          />
          {elements}
          <Choice
            label="System call"
            items={CALLS}
            chosen={call}
            name={(item) => CALL_NAMES[item]}
            onChoose={setCall}
          />
          <Choice<RuleName>
            label="Rules"
            items={RULE_NAMES}
            chosen={rules}
            name={(item) => (item === 'mainline' ? "the machine's kernel's" : item)}
            onChoose={setRules}
          />
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

/** Options as words of a command; those that are undefined are left out. */
function formatOptions(options: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
}

function listOutputs({ page, picture }: PlannedFile): OfferedFile[] {
  return [
    { label: 'Save as HTML', name: 'plan.html', type: 'text/html', text: page },
    ...(picture === undefined
      ? []
      : [{ label: 'Save as SVG', name: 'memory-map.svg', type: 'image/svg+xml', text: picture }]),
  ];
}
