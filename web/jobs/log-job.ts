import { KernelLog, type LogMatch } from '../../src/explain/kernel-log.js';
import { checkLogIsText } from '../../src/explain/log-format.js';
import { type ChosenFile, openChosenFile } from './chosen-file.js';
import { reportProgress } from './job-progress.js';

/** What a kernel log says about kexec and kdump. */
export interface ExplainedLog {
  readonly lines: number;
  readonly matches: readonly LogMatch[];
  /** The number of lines whose causes are not among the matches. */
  readonly omitted: number;
}

/** What is read at once, in bytes. */
const PIECE_BYTES = 1 << 20;

/** Explains a kernel log of any length, as `kexec-file explain --log` does. */
export async function explainChosenLog(file: ChosenFile): Promise<ExplainedLog> {
  const log = new KernelLog();
  for (const line of readLines(file)) {
    if (log.lines === 0) checkLogIsText(line, file.name);
    log.read(line);
  }
  return { lines: log.lines, matches: log.matches, omitted: log.omitted };
}

/** The lines of a text, without their ends. A line longer than a piece is cut into several. */
function* readLines(file: ChosenFile): Generator<string> {
  const source = openChosenFile(file);
  const decoder = new TextDecoder();
  let rest = '';
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    reportProgress(`reading ${file.name}`, at, file.size);
    const piece = source.read(BigInt(at), Math.min(PIECE_BYTES, file.size - at));
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > PIECE_BYTES) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}
