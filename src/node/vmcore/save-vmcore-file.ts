import { KexecError } from '../../base/error.js';
import { openVmcore } from '../../vmcore/open/open-vmcore.js';
import { isDiskFull } from '../../vmcore/save/disk-full.js';
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
  /** What is missing or damaged in the dump. */
  readonly problems: readonly string[];
}

/** What is saved, and how. */
export interface SaveFileOptions extends Omit<SaveOptions, 'pack' | 'codecs'> {
  /** The text of VMCOREINFO, if the dump's own is missing or incomplete. */
  readonly vmcoreinfo?: Uint8Array | undefined;
  /** Whether an existing file, and its checksum, are replaced when the copy is complete. */
  readonly overwrite?: boolean | undefined;
}

/** How long the save runs before other work of this process gets a turn. */
const MAX_TURN_MILLISECONDS = 50;

/**
 * Saves a dump into a new file, or resumes a save that an earlier run began. The file's name ends in `.incomplete`
 * until the file is complete. A file of its later name is refused unless `overwrite` is set.
 *
 * @param onProgress - called from time to time
 * @throws KexecError, as {@link openFileSource}, {@link openVmcore} and {@link saveVmcore}; if the disk is full, it
 *   says how much room is missing.
 */
export async function saveVmcoreFile(
  input: string,
  output: string,
  { vmcoreinfo, overwrite, ...options }: SaveFileOptions,
  onProgress: (progress: SaveProgress) => void,
): Promise<SavedFile> {
  const source = openFileSource(input);
  try {
    const vmcore = openVmcore(source, nodeCodecs, vmcoreinfo);
    const pack = await loadNodePacker(options.compression, vmcore.addressSpace?.pageSize ?? 4096);
    const file = await IncompleteFile.open(output, { inputs: [input], overwrite });
    try {
      const steps = saveVmcore(vmcore, source.size, { ...options, pack, codecs: nodeCodecs }, file);
      const saved = await runSteps(steps, file, onProgress);
      return { ...saved, path: output, sha256: await file.finish(), problems: vmcore.problems };
    } finally {
      file.close();
    }
  } finally {
    source.close();
  }
}

async function runSteps(
  steps: Generator<SaveProgress, Saved>,
  file: IncompleteFile,
  onProgress: (progress: SaveProgress) => void,
): Promise<Saved> {
  let last: SaveProgress | undefined;
  let turnStart = performance.now();
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      last = step.value;
      if (performance.now() - turnStart < MAX_TURN_MILLISECONDS) continue;
      onProgress(last);
      await yieldToEventLoop();
      turnStart = performance.now();
    }
  } catch (error) {
    if (error instanceof KexecError && isDiskFull(error))
      throw error.with(describeFullDisk(file, last?.size));
    throw error;
  }
}

/** @param size - of the complete file in bytes, as far as it is known */
function describeFullDisk(file: IncompleteFile, size: number | undefined): string {
  const written = Number(file.size);
  const missing =
    size === undefined
      ? 'how much more is needed is not known yet'
      : `about ${formatMib(Math.max(size - written, 0))} of ${formatMib(size)} are missing`;
  return `the disk is full: ${file.incompletePath} has ${formatMib(written)}, ${missing}; make room and run the same command again, which resumes the save`;
}

function formatMib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
