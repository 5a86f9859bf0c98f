import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ROW_HEIGHT } from './row-height.js';

/** Rows that are rendered above and below those in view, so that a small move shows no gap. */
const MARGIN_ROWS = 20;

/** Rows in view at most, which the height of the box bounds. */
const VIEW_ROWS = 30;

interface WindowedRowsProps {
  readonly label: string;
  readonly className: string;
  readonly count: number;
  readonly head: ComponentChildren;
  /** The cells of a row. */
  readonly row: (index: number) => ComponentChildren;
}

/** A table of any number of rows of one height, of which only those in view are in the page. */
export function WindowedRows({ label, className, count, head, row }: WindowedRowsProps): JSX.Element {
  const [top, setTop] = useState(0);
  const height = count * ROW_HEIGHT;
  const first = Math.max(0, Math.floor(Math.min(top, height) / ROW_HEIGHT) - MARGIN_ROWS);
  const end = Math.min(count, first + VIEW_ROWS + 2 * MARGIN_ROWS);
  const rows = Array.from({ length: end - first }, (_, at) => first + at);
  return (
    <section
      class={`windowed ${className}`}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled by keys, too.
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <table aria-rowcount={count + 1}>
        <thead>
          <tr aria-rowindex={1}>{head}</tr>
        </thead>
        <tbody style={{ height: `${height}px` }}>
          {rows.map((index) => (
            <tr key={index} aria-rowindex={index + 2} style={{ top: `${index * ROW_HEIGHT}px` }}>
              {row(index)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
