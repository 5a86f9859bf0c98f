import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import type { Fact, Facts } from '../../src/inspect/facts.js';
import { formatCount } from '../../src/preflight/wording.js';
import { formatFact } from '../../src/view/text/facts-text.js';
import { type FileRange, findFileRange, isOtherFile } from './file-range.js';

/** The file that facts are about, whose bytes can be shown. */
export interface ShownFile {
  /** In bytes. */
  readonly size: number;
  readonly select: (range: FileRange) => void;
}

interface TreeProps {
  readonly facts: Facts;
  /** Undefined for facts without offsets, or with those of a file within the file. */
  readonly shown: ShownFile | undefined;
  /** How deeply nested these facts are. */
  readonly depth?: number;
}

/** Nested facts are shown at once down to this depth, and if they are few. */
const OPEN_DEPTH = 2;
const OPEN_ENTRIES = 24;

/** Rows of a list that are shown at once: an initrd has some thousand entries. */
const ROWS_AT_ONCE = 200;

/** Facts as a tree: each nested group can be closed, and lists of like groups are tables. */
export function FactsTree({ facts, shown, depth = 0 }: TreeProps): JSX.Element {
  const range = shown && findFileRange(facts, shown.size);
  const entries = Object.entries(facts);
  const lines = entries.filter(([, fact]) => typeof fact !== 'object');
  const nested = entries.filter(([, fact]) => typeof fact === 'object');
  return (
    <>
      {lines.length > 0 && (
        <dl class="facts">
          {lines.map(([name, fact]) => (
            <div key={name}>
              <dt>{escapeField(name)}</dt>
              <dd>
                {range !== undefined && name === range.name ? (
                  <RangeButton range={range} shown={shown} />
                ) : (
                  formatLine(name, fact)
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {nested.map(([name, fact]) => (
        <Branch
          key={name}
          name={name}
          count={countEntries(fact)}
          isOpen={isSmall(fact) && depth < OPEN_DEPTH}
        >
          <NestedFact fact={fact} shown={isOtherFile(name) ? undefined : shown} depth={depth + 1} />
        </Branch>
      ))}
    </>
  );
}

function formatLine(name: string, fact: Fact | undefined): string {
  if (fact === undefined) return '';
  return escapeField(typeof fact === 'object' ? [fact].flat().join(', ') : formatFact(name, fact));
}

function countEntries(fact: Fact): number {
  return Array.isArray(fact) ? fact.length : Object.keys(fact).length;
}

function isSmall(fact: Fact): boolean {
  return countEntries(fact) <= OPEN_ENTRIES;
}

interface BranchProps {
  readonly name: string;
  readonly count: number;
  readonly isOpen: boolean;
  readonly children: ComponentChildren;
}

/** A part that can be closed. Its contents are built when it is opened first. */
function Branch({ name, count, isOpen, children }: BranchProps): JSX.Element {
  const [wasOpened, setOpened] = useState(isOpen);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => currentTarget.open && setOpened(true)}>
      <summary>
        {escapeField(name)} <small>{count}</small>
      </summary>
      <div class="branch">{wasOpened && children}</div>
    </details>
  );
}

interface NestedProps {
  readonly fact: Fact;
  readonly shown: ShownFile | undefined;
  readonly depth: number;
}

function NestedFact({ fact, shown, depth }: NestedProps): JSX.Element {
  if (!Array.isArray(fact)) return <FactsTree facts={fact as Facts} shown={shown} depth={depth} />;
  const items = fact as readonly (string | Facts)[];
  if (items.every((item) => typeof item === 'object' && isFlat(item)))
    return <FactsTable rows={items as readonly Facts[]} shown={shown} />;
  return (
    <Portions items={items}>
      {(portion) => (
        <ul class="items">
          {portion.map((item, index) => (
            <li key={index}>
              {typeof item === 'string' ? (
                escapeField(item)
              ) : (
                <FactsTree facts={item} shown={shown} depth={depth} />
              )}
            </li>
          ))}
        </ul>
      )}
    </Portions>
  );
}

/** A table of more columns is wider than a page. */
const MAX_COLUMNS = 8;

/** Whether all facts of a group fit into cells of a table. */
function isFlat(facts: Facts): boolean {
  if (Object.keys(facts).length > MAX_COLUMNS) return false;
  return Object.values(facts).every(
    (fact) =>
      typeof fact !== 'object' || (Array.isArray(fact) && fact.every((item) => typeof item === 'string')),
  );
}

/** Like groups of facts as a table. */
export function FactsTable({
  rows,
  shown,
}: {
  readonly rows: readonly Facts[];
  readonly shown: ShownFile | undefined;
}) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <Portions items={rows}>
      {(portion) => (
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {escapeField(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {portion.map((row, index) => (
              <FactsRow key={index} row={row} columns={columns} shown={shown} />
            ))}
          </tbody>
        </table>
      )}
    </Portions>
  );
}

interface RowProps {
  readonly row: Facts;
  readonly columns: readonly string[];
  readonly shown: ShownFile | undefined;
}

function FactsRow({ row, columns, shown }: RowProps): JSX.Element {
  const range = shown && findFileRange(row, shown.size);
  return (
    <tr>
      {columns.map((name) => (
        <td key={name} data-label={escapeField(name)} class="figure">
          {name === range?.name ? <RangeButton range={range} shown={shown} /> : formatLine(name, row[name])}
        </td>
      ))}
    </tr>
  );
}

function RangeButton({ range, shown }: { readonly range: FileRange; readonly shown: ShownFile | undefined }) {
  const text = `0x${range.start.toString(16)}`;
  return (
    <button type="button" class="range" title="Show these bytes" onClick={() => shown?.select(range)}>
      {text}
    </button>
  );
}

interface PortionsProps<Item> {
  readonly items: readonly Item[];
  readonly children: (portion: readonly Item[]) => JSX.Element;
}

/** Shows the first items of a list, and more when asked. */
function Portions<Item>({ items, children }: PortionsProps<Item>): JSX.Element {
  const [count, setCount] = useState(ROWS_AT_ONCE);
  const left = items.length - count;
  return (
    <>
      {items.length === 0 && <p class="quiet">none</p>}
      {items.length > 0 && children(items.slice(0, count))}
      {left > 0 && (
        <button type="button" onClick={() => setCount(count + 5 * ROWS_AT_ONCE)}>
          Show more ({formatCount(left)} left)
        </button>
      )}
    </>
  );
}
