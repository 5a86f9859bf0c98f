import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { escapeField } from '../../src/base/escape-field.js';
import { formatSize } from '../../src/base/sizes.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import { FailureNotice } from './failure-notice.js';
import type { FileRange } from './file-range.js';
import { CommandLine } from './take-along.js';
import { useJob } from './use-job.js';
import { useNarrow } from './use-narrow.js';

const ROWS = 32;

/** Fewer bytes in a row where the page is narrow. */
const [WIDE_ROW, NARROW_ROW] = [16, 8];

interface HexViewProps {
  readonly file: ChosenFile;
  /** What is marked. The view starts there when it is mounted: for another start, give it another key. */
  readonly selection: FileRange;
  readonly onClose: () => void;
}

/** Bytes of a file in hexadecimal and as ASCII, a window at a time, with the selected ones marked. */
export function HexView({ file, selection, onClose }: HexViewProps): JSX.Element {
  const rowBytes = useNarrow() ? NARROW_ROW : WIDE_ROW;
  const windowBytes = ROWS * rowBytes;
  const [start, setStart] = useState(alignDown(selection.start, rowBytes));
  const { outcome, repeat } = useJob('bytes', [file, start, windowBytes]);
  const last = alignDown(Math.max(0, file.size - 1), rowBytes);
  const move = (to: number): void => setStart(Math.max(0, Math.min(to, last)));
  const { start: from, length } = selection;
  return (
    <div class="hex" aria-busy={outcome === undefined}>
      <div class="options">
        <span role="status">
          0x{from.toString(16)} to 0x{(from + length).toString(16)}, {formatSize(length)}
        </span>
        <button type="button" disabled={start === 0} onClick={() => move(start - windowBytes)}>
          Before
        </button>
        <button
          type="button"
          disabled={start + windowBytes >= file.size}
          onClick={() => move(start + windowBytes)}
        >
          After
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <CommandLine words={['xxd', '-s', `${start}`, '-l', `${windowBytes}`, file.name]} />
      {outcome !== undefined && !('result' in outcome) && (
        <FailureNotice title="Bytes" failure={outcome} onRepeat={repeat} />
      )}
      {outcome !== undefined && 'result' in outcome && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by itself, by the keys of what has the focus.
        <section class="bytes" tabIndex={0} aria-label={`Bytes of ${escapeField(file.name)}`}>
          <pre>
            {splitRows(outcome.result, rowBytes).map((bytes, index) => (
              <HexRow
                key={start + index * rowBytes}
                bytes={bytes}
                offset={start + index * rowBytes}
                rowBytes={rowBytes}
                selection={selection}
              />
            ))}
          </pre>
        </section>
      )}
    </div>
  );
}

function alignDown(offset: number, unit: number): number {
  return offset - (offset % unit);
}

function splitRows(bytes: Uint8Array, rowBytes: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / rowBytes);
  return Array.from({ length: count }, (_, row) => bytes.subarray(row * rowBytes, (row + 1) * rowBytes));
}

interface HexRowProps {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly rowBytes: number;
  readonly selection: FileRange;
}

function HexRow({ bytes, offset, rowBytes, selection }: HexRowProps): JSX.Element {
  const clip = (at: number): number => Math.max(0, Math.min(bytes.length, at - offset));
  const marked = [clip(selection.start), clip(selection.start + selection.length)] as const;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const letters = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  );
  return (
    <>
      <span class="quiet">{offset.toString(16).padStart(8, '0')}</span>
      {'  '}
      <Cells cells={digits} between=" " marked={marked} />
      {' '.repeat(3 * (rowBytes - bytes.length) + 2)}
      <Cells cells={letters} between="" marked={marked} />
      {'\n'}
    </>
  );
}

interface CellsProps {
  readonly cells: readonly string[];
  readonly between: string;
  /** The first cell that is marked, and the first after it that is not. */
  readonly marked: readonly [number, number];
}

function Cells({ cells, between, marked: [from, to] }: CellsProps): JSX.Element {
  if (from === to) return <>{cells.join(between)}</>;
  const before = cells.slice(0, from).join(between);
  const after = cells.slice(to).join(between);
  return (
    <>
      {before}
      {before !== '' && between}
      <mark>{cells.slice(from, to).join(between)}</mark>
      {after !== '' && between}
      {after}
    </>
  );
}
