import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { CHECKS } from '../../src/base/checks.js';
import { escapeField } from '../../src/base/escape-field.js';
import { formatSize } from '../../src/base/sizes.js';
import { hex } from '../../src/base/u64.js';
import type { Outcome, Refusal } from '../../src/preflight/preflight-machine.js';
import { formatCause, formatCount } from '../../src/preflight/wording.js';
import type { PlannedMachine } from '../jobs/fleet-job.js';
import { FactsTree } from './facts-tree.js';
import {
  type FleetColumn,
  type FleetEntry,
  type FleetState,
  listEntry,
  STATES,
  selectEntries,
} from './fleet-entries.js';
import { WindowedRows } from './windowed-rows.js';

interface FleetTableProps {
  /** Of the section: a page with two kernels has two tables. */
  readonly title: string;
  readonly machines: readonly PlannedMachine[];
  /** Whether the load is that of a crash kernel: then there is no second one. */
  readonly isCrash: boolean;
}

const HEADINGS: readonly (readonly [FleetColumn, string])[] = [
  ['name', 'Machine'],
  ['verdict', 'Verdict'],
  ['crash', 'Crash kernel'],
  ['ram', 'RAM'],
  ['why', 'Why'],
];

const ARROWS = { none: '', ascending: ' ↑', descending: ' ↓' } as const;

/** The machines of a fleet as a table of any length, which filters and sorts; and more about the one that is chosen. */
export function FleetTable({ title, machines, isCrash }: FleetTableProps): JSX.Element {
  const [search, setSearch] = useState('');
  const [state, setState] = useState<FleetState>('all');
  const [order, setOrder] = useState<{ column: FleetColumn; isDown: boolean }>();
  const [chosen, setChosen] = useState<FleetEntry>();
  const shown = useMemo(
    () => selectEntries(machines.map(listEntry), { search, state, order }),
    [machines, search, state, order],
  );
  const columns = HEADINGS.filter(([column]) => column !== 'crash' || !isCrash);
  const sortBy = (column: FleetColumn): void =>
    setOrder({ column, isDown: order?.column === column && !order.isDown });
  return (
    <>
      <div class="options">
        <label>
          Search{' '}
          <input
            type="search"
            value={search}
            spellcheck={false}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <label>
          Show{' '}
          <select value={state} onChange={({ currentTarget }) => setState(currentTarget.value as FleetState)}>
            {Object.entries(STATES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <span class="quiet" role="status">
          {formatCount(shown.length)} of {formatCount(machines.length)}
        </span>
      </div>
      <WindowedRows
        label={`Machines of ${escapeField(title)}`}
        className={isCrash ? 'fleet crash' : 'fleet'}
        count={shown.length}
        head={columns.map(([column, title]) => {
          const direction = order?.column !== column ? 'none' : order.isDown ? 'descending' : 'ascending';
          return (
            <th key={column} scope="col" class={column} aria-sort={direction}>
              <button type="button" onClick={() => sortBy(column)}>
                {title}
                {ARROWS[direction]}
              </button>
            </th>
          );
        })}
        row={(index) => {
          const entry = shown[index] as FleetEntry;
          return columns.map(([column]) =>
            column === 'name' ? (
              <th key={column} scope="row" class={column}>
                <button
                  type="button"
                  class="range"
                  title={escapeField(entry.row.file)}
                  onClick={() => setChosen(entry)}
                >
                  {escapeField(entry.name)}
                </button>
              </th>
            ) : (
              <td key={column} class={column === 'verdict' ? `${column} ${entry.verdict}` : column}>
                {formatCell(entry, column)}
              </td>
            ),
          );
        }}
      />
      {chosen !== undefined && (
        <ChosenMachine title={title} entry={chosen} onClose={() => setChosen(undefined)} />
      )}
    </>
  );
}

function formatCell(entry: FleetEntry, column: FleetColumn): string {
  if (column === 'ram') return entry.ram === undefined ? '' : formatSize(entry.ram);
  return column === 'why' ? entry.why : escapeField(entry[column]);
}

interface ChosenMachineProps {
  readonly title: string;
  readonly entry: FleetEntry;
  readonly onClose: () => void;
}

/** All about a machine of the fleet. */
function ChosenMachine({ title, entry, onClose }: ChosenMachineProps): JSX.Element {
  const { row, name } = entry;
  return (
    <section class="chosen" aria-label={`Machine ${escapeField(name)} of ${escapeField(title)}`}>
      <div class="options">
        <strong>{escapeField(name)}</strong>
        <span class="quiet">{escapeField(row.file)}</span>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      {row.outcome === undefined ? (
        <RefusedLoad refusal={row.unreadable} />
      ) : (
        <>
          <LoadOutcome outcome={row.outcome} />
          {row.crash !== undefined && (
            <>
              <p>As a crash kernel:</p>
              <LoadOutcome outcome={row.crash} />
            </>
          )}
          {row.noDump !== undefined && <p>No dump: {escapeField(row.noDump)}</p>}
        </>
      )}
    </section>
  );
}

function LoadOutcome({ outcome }: { readonly outcome: Outcome }): JSX.Element {
  if (outcome.verdict === 'refused') return <RefusedLoad refusal={outcome.refusal} />;
  const segments = outcome.segments.map(({ name, mem, memsz }) => ({
    name,
    mem: hex(mem),
    memsz: hex(memsz),
  }));
  return <FactsTree facts={{ entry: hex(outcome.entry), segments }} shown={undefined} />;
}

function RefusedLoad({ refusal }: { readonly refusal: Refusal }): JSX.Element {
  const { rule, cure } = CHECKS[refusal.check];
  return (
    <div class="outcome refused">
      <p>
        <strong>{formatCause(refusal)}</strong>: {escapeField(refusal.detail)}
      </p>
      <p>Rule: {escapeField(rule)}</p>
      <p>Cure: {escapeField(refusal.cure ?? cure)}</p>
    </div>
  );
}
