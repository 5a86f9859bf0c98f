import { KexecError } from '../../base/error.js';
import { openVmcore } from '../../vmcore/open/open-vmcore.js';
import type { Saved, SaveProgress } from '../../vmcore/save/dump-target.js';
import { type SaveOptions, saveVmcore } from '../../vmcore/save/save-dump.js';
import { loadNodePacker, nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';
import { IncompleteFile } from '../files/incomplete-file.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';

/** A dump that was saved into a file. */
export interface SavedFile extends Saved {
  readonly path: string;
  /** Of the file, in hexadecimal digits. */
  readonly sha256: string;
  /** What was missing or damaged in the dump, or could not be told. */
  readonly problems: readonly string[];
}

/** Milliseconds that are worked before something else may be done. */
const AT_ONCE = 50;

/** Errnos of a disk that has no room. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * Saves a dump into a file that is not there yet, or goes on with one that was begun: it is called `.incomplete` until it
 * is whole.
 *
 * @param told - is told now and then how far it is
 * @throws KexecError as {@link openFileSource}, {@link openVmcore} and {@link saveVmcore}; where the disk is full, it
 *   says how much is missing.
 */
export async function saveVmcoreFile(
  input: string,
  output: string,
  options: Omit<SaveOptions, 'pack'>,
  told: (progress: SaveProgress) => void,
): Promise<SavedFile> {
  const source = openFileSource(input);
  try {
    const vmcore = openVmcore(source, nodeCodecs);
    const pack = await loadNodePacker(options.compression, vmcore.addressSpace?.pageSize ?? 4096);
    const file = await IncompleteFile.open(output, [input]);
    try {
      const saved = await run(saveVmcore(vmcore, source.size, { ...options, pack }, file), file, told);
      return { ...saved, path: output, sha256: await file.finish(), problems: vmcore.problems };
    } finally {
      file.close();
    }
  } finally {
    source.close();
  }
}

async function run(
  steps: Generator<SaveProgress, Saved>,
  file: IncompleteFile,
  told: (progress: SaveProgress) => void,
): Promise<Saved> {
  let last: SaveProgress | undefined;
  let breathed = performance.now();
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      last = step.value;
      if (performance.now() - breathed < AT_ONCE) continue;
      told(last);
      await yieldToEventLoop();
      breathed = performance.now();
    }
  } catch (cause) {
    if (cause instanceof KexecError && FULL.includes(cause.errno)) throw full(cause, file, last?.size);
    throw cause;
  }
}

function full(cause: KexecError, file: IncompleteFile, size: number | undefined): KexecError {
  const there = Number(file.size);
  const missing =
    size === undefined
      ? 'how much more it takes is not known yet'
      : `some ${inMib(Math.max(size - there, 0))} of ${inMib(size)} are missing`;
  const seen = `there is no room: ${inMib(there)} are in ${file.incompletePath}, ${missing}; make room and give the same command again: it goes on from there`;
  return cause.with(seen);
}

function inMib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
