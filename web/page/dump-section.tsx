import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { Facts } from '../../src/inspect/facts.js';
import { formatCount } from '../../src/preflight/wording.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { OpenedDump } from '../jobs/dump-job.js';
import { FactsTree } from './facts-tree.js';
import { JobSection } from './job-section.js';

/** Lines of a log that are shown at once. */
const MAX_LINES = 5000;

/** Why a kernel crashed, its CPUs, and its log. */
export function DumpSection({
  title,
  file,
}: {
  readonly title: string;
  readonly file: ChosenFile;
}): JSX.Element {
  return (
    <JobSection
      title={title}
      job="dump"
      args={[file]}
      commands={['info', 'dmesg'].map((name) => ['vmcore', name, file.name])}
      report={({ info }) => ({ name: 'vmcore-info', fields: info })}
    >
      {(dump) => <OpenedDumpView dump={dump} />}
    </JobSection>
  );
}

function OpenedDumpView({ dump: { info, log, logProblems } }: { readonly dump: OpenedDump }): JSX.Element {
  const { panic, context, release, uptime, crashTime, panicked, problems, cpus } = info;
  const facts = {
    ...(release === undefined ? {} : { release }),
    ...(context === undefined ? {} : { context }),
    ...(crashTime === undefined ? {} : { crashTime: new Date(crashTime * 1000).toISOString() }),
    ...(uptime === undefined ? {} : { uptime: `${uptime} s` }),
    ...(panicked === undefined ? {} : { panicked: `CPU ${panicked}` }),
    ...(problems.length === 0 ? {} : { problems }),
    cpus: cpus as readonly Facts[],
  };
  return (
    <>
      {panic !== undefined && <p class="outcome refused">{escapeField(panic)}</p>}
      <FactsTree facts={facts} shown={undefined} />
      {logProblems.map((problem) => (
        <p key={problem}>The log: {escapeField(problem)}</p>
      ))}
      <SearchedLog lines={log} />
    </>
  );
}

function SearchedLog({ lines }: { readonly lines: readonly string[] }): JSX.Element {
  const [search, setSearch] = useState('');
  const found = useMemo(() => {
    const wanted = search.toLowerCase();
    return lines.filter((line) => line.toLowerCase().includes(wanted));
  }, [lines, search]);
  return (
    <>
      <div class="options">
        <label>
          Search the log{' '}
          <input
            type="search"
            value={search}
            spellcheck={false}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <span role="status" class="quiet">
          {formatCount(found.length)} of {formatCount(lines.length)} lines
          {found.length > MAX_LINES ? `, the last ${formatCount(MAX_LINES)} are shown` : ''}
        </span>
      </div>
      <textarea
        class="log"
        aria-label="The log of the kernel"
        readOnly
        rows={24}
        spellcheck={false}
        value={found.slice(-MAX_LINES).join('\n')}
      />
    </>
  );
}
