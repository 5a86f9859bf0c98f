import type { JSX } from 'preact';
import type { ChosenItem } from '../jobs/chosen-folder.js';
import { formatRecording, nameMachine } from '../jobs/chosen-machine.js';
import { FactsTree } from './facts-tree.js';
import { JobSection } from './job-section.js';
import { Markup } from './markup.js';
import { MemoryMap } from './memory-map.js';

interface MachineSectionProps {
  readonly title: string;
  readonly item: ChosenItem;
}

/** A machine: its facts, if they are still in collected files, and its memory. */
export function MachineSection({ title, item }: MachineSectionProps): JSX.Element {
  return (
    <JobSection
      title={title}
      job="machine"
      args={[item]}
      commands={[...formatRecording(item), ['machine', 'show', nameMachine(item)]]}
      report={({ file }) => ({ name: 'machine', fields: JSON.parse(file) })}
    >
      {({ facts, name, memory, below }) => (
        <>
          {facts !== undefined && <FactsTree facts={facts} shown={undefined} />}
          <MemoryMap rows={memory} title={name} />
          <Markup markup={below} />
        </>
      )}
    </JobSection>
  );
}
