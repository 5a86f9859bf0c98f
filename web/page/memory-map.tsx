import type { JSX, RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatRange, type Range, size } from '../../src/base/range.js';
import { formatSize } from '../../src/base/sizes.js';
import { layoutMemoryMap, NARROW, WIDE } from '../../src/view/memory-map/map-layout.js';
import type { MemoryRow } from '../../src/view/memory-map/map-rows.js';
import { drawEmbeddedMap } from '../../src/view/memory-map/map-svg.js';
import {
  clipMemoryRows,
  findAt,
  findWholeRange,
  moveRange,
  surroundRange,
  zoomRange,
} from '../../src/view/memory-map/zoom.js';
import { nameMemory } from '../../src/view/plan-page/plan-page.js';
import { Markup } from './markup.js';
import { useNarrow } from './use-narrow.js';

interface MemoryMapProps {
  readonly rows: readonly MemoryRow[];
  /** The text above the picture. */
  readonly title: string;
}

/** What can be done with the picture: by a button, and by a key while anything of the picture has the focus. */
const ACTIONS = [
  { name: 'Closer', key: '+', act: (shown, whole) => zoomAt(shown, whole, true) },
  { name: 'Farther', key: '-', act: (shown, whole) => zoomAt(shown, whole, false) },
  { name: 'Up', key: 'ArrowUp', act: (shown, whole) => moveRange(shown, true, whole) },
  { name: 'Down', key: 'ArrowDown', act: (shown, whole) => moveRange(shown, false, whole) },
  { name: 'Everything', key: '0', act: (_, whole) => whole },
] as const satisfies readonly {
  readonly name: string;
  readonly key: string;
  readonly act: (shown: Range, whole: Range) => Range;
}[];

function zoomAt(shown: Range, whole: Range, isCloser: boolean): Range {
  return zoomRange(shown, { isCloser, at: findMiddle(shown), whole });
}

/** Physical memory as a picture that the user can look into: what is shown is drawn again, with names of its own. */
export function MemoryMap({ rows, title }: MemoryMapProps): JSX.Element {
  const whole = findWholeRange(rows);
  return (
    <section>
      <h2>{nameMemory(rows)}</h2>
      {whole !== undefined && <Picture rows={rows} title={title} whole={whole} />}
    </section>
  );
}

function Picture({ rows, title, whole }: MemoryMapProps & { readonly whole: Range }): JSX.Element {
  const format = useNarrow() ? NARROW : WIDE;
  const [shown, setShown] = useState(whole);
  const clipped = useMemo(() => clipMemoryRows(rows, shown), [rows, shown]);
  const picture = useMemo(() => drawEmbeddedMap(clipped, { title, format }), [clipped, title, format]);
  const frame = useRef<HTMLDivElement>(null);
  const find = ({ clientX, clientY }: MouseEvent): ReturnType<typeof findAt> => {
    const box = frame.current?.querySelector('svg')?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const layout = layoutMemoryMap(clipped, format);
    const scale = layout.width / box.width;
    return findAt(layout, (clientX - box.left) * scale, (clientY - box.top) * scale);
  };
  useWheel(frame, (event) => {
    const at = find(event)?.address ?? findMiddle(shown);
    setShown(zoomRange(shown, { isCloser: event.deltaY < 0, at, whole }));
  });
  const press = (event: KeyboardEvent): void => {
    const action = ACTIONS.find(({ key }) => key === event.key);
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setShown(action.act(shown, whole));
  };
  const show = (part: Range | undefined): void => {
    if (part !== undefined) setShown(surroundRange(part, whole));
  };
  return (
    <fieldset class="map" aria-label="Picture of memory" onKeyDown={press}>
      <div class="options">
        {ACTIONS.map(({ name, key, act }) => (
          <button
            key={name}
            type="button"
            aria-keyshortcuts={key}
            aria-disabled={isSame(act(shown, whole), shown)}
            onClick={() => setShown(act(shown, whole))}
          >
            {name}
          </button>
        ))}
        <span role="status" class="quiet figure">
          {formatRange(shown)}, {formatSize(size(shown))}
        </span>
      </div>
      <div class="options">
        {listSegments(rows).map(({ segment, range }) => (
          <button key={range.start} type="button" aria-label={`Show ${segment}`} onClick={() => show(range)}>
            {segment}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y: for keys, the buttons above do the same. */}
      <div class="picture" ref={frame} onClick={(event) => show(find(event)?.part)}>
        <Markup markup={picture} />
      </div>
    </fieldset>
  );
}

function findMiddle({ start, end }: Range): bigint {
  return (start + end) / 2n;
}

function isSame(a: Range, b: Range): boolean {
  return a.start === b.start && a.end === b.end;
}

function listSegments(rows: readonly MemoryRow[]) {
  return rows.filter(({ segment }) => segment !== undefined);
}

/** Takes the wheel over an element while Ctrl is held; otherwise, it scrolls the page. */
function useWheel(frame: RefObject<HTMLElement | null>, turn: (event: WheelEvent) => void): void {
  const latest = useRef(turn);
  latest.current = turn;
  useEffect(() => {
    const stop = new AbortController();
    const act = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current(event);
    };
    // A passive listener, which is the browsers' default, could not keep the browser from its own zoom.
    frame.current?.addEventListener('wheel', act, { passive: false, signal: stop.signal });
    return () => stop.abort();
  }, [frame]);
}
