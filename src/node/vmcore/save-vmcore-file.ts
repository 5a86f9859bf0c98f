import { KexecError, refuse } from '../../base/error.js';
import { openVmcore } from '../../vmcore/open/open-vmcore.js';
import { isDiskFull } from '../../vmcore/save/disk-full.js';
import type { Saved, SaveProgress } from '../../vmcore/save/dump-target.js';
import { type SaveOptions, saveVmcore } from '../../vmcore/save/save-dump.js';
import { LimitedTarget } from '../../vmcore/save/size-limit.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';
import { IncompleteFile } from '../files/incomplete-file.js';
import { runSave } from './run-save.js';
import { withPacker } from './with-packer.js';

/** A dump that was saved into a file. */
export interface SavedFile extends Saved {
  readonly path: string;
  /** Of the file, in hexadecimal digits; undefined if no checksum was wanted. */
  readonly sha256: string | undefined;
  /** What is missing or damaged in the dump. */
  readonly problems: readonly string[];
}

/** What is saved, and how. */
export interface SaveFileOptions extends Omit<SaveOptions, 'pack' | 'createPacker' | 'codecs'> {
  /** The text of VMCOREINFO, if the dump's own is missing or incomplete. */
  readonly vmcoreinfo?: Uint8Array | undefined;
  /**
   * How many threads pack pages at most, this one included. Default: as many as there are CPUs and as the available
   * memory allows, and one for a small dump.
   */
  readonly threads?: number | undefined;
  /** Whether an existing file, and its checksum, are replaced when the copy is complete. */
  readonly overwrite?: boolean | undefined;
  /** Whether the copy's SHA-256 is written beside it, for which the copy is read again. Default: true. */
  readonly hasChecksum?: boolean | undefined;
  /** Whether what an earlier run began is dropped instead of resumed. */
  readonly isNew?: boolean | undefined;
  /** How large the copy may become, in bytes. */
  readonly sizeLimit?: bigint | undefined;
}

/**
 * Saves a dump into a new file, or resumes a save that an earlier run began. The file's name ends in `.incomplete`
 * until the file is complete. A file of its later name is refused unless `overwrite` is set.
 *
 * @param onProgress - called from time to time
 * @throws KexecError, as {@link openFileSource}, {@link openVmcore} and {@link saveVmcore}; if the disk is full, it
 *   says how much room is missing; `EFBIG`, check `dump-save`, if the copy exceeds `sizeLimit`.
 */
export async function saveVmcoreFile(
  input: string,
  output: string,
  { vmcoreinfo, overwrite, hasChecksum, isNew, sizeLimit, threads, ...options }: SaveFileOptions,
  onProgress: (progress: SaveProgress) => void,
): Promise<SavedFile> {
  const source = openFileSource(input);
  try {
    const vmcore = openVmcore(source, nodeCodecs, vmcoreinfo);
    const file = await IncompleteFile.open(output, { inputs: [input], overwrite, hasChecksum });
    try {
      if (isNew === true) file.truncate(0n);
      const target = sizeLimit === undefined ? file : new LimitedTarget(file, sizeLimit);
      const { compression } = options;
      const saved = await withPacker(vmcore, { compression, threads }, (packing) => {
        const saveOptions = { ...options, ...packing, codecs: nodeCodecs };
        return runToFile(saveVmcore(vmcore, source.size, saveOptions, target), file, onProgress);
      });
      return { ...saved, path: output, sha256: await file.finish(), problems: vmcore.problems };
    } finally {
      file.close();
    }
  } finally {
    source.close();
  }
}

async function runToFile(
  steps: Generator<SaveProgress, Saved>,
  file: IncompleteFile,
  onProgress: (progress: SaveProgress) => void,
): Promise<Saved> {
  let last: SaveProgress | undefined;
  const watched = watchRoom(steps, file, (progress) => {
    last = progress;
  });
  try {
    return await runSave(watched, onProgress);
  } catch (error) {
    if (error instanceof KexecError && error.check === 'file-access' && isDiskFull(error))
      throw error.with(describeFullDisk(file, last?.size));
    throw error;
  }
}

/**
 * Refuses a save that has no room on the disk, before its pages are written.
 *
 * @param onStep - called at each step
 */
function* watchRoom(
  steps: Generator<SaveProgress, Saved>,
  file: IncompleteFile,
  onStep: (progress: SaveProgress) => void,
): Generator<SaveProgress, Saved> {
  let isChecked = false;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onStep(step.value);
    const { minSize } = step.value;
    if (minSize !== undefined && !isChecked) {
      isChecked = true;
      if (BigInt(minSize) > file.measureRoom())
        refuse('file-access', 'ENOSPC', `there is no room for ${formatMib(minSize)}`);
    }
    yield step.value;
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
