import { openVmcore } from '../../vmcore/open/open-vmcore.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { reassembleKdump } from '../../vmcore/save/reassemble-kdump.js';
import { splitVmcore as saveParts } from '../../vmcore/save/save-dump.js';
import type { SavedParts } from '../../vmcore/save/save-split-kdump.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { loadNodePacker } from '../codecs/node-packer.js';
import { type FileSource, openFileSource } from '../files/file-source.js';
import { IncompleteFile } from '../files/incomplete-file.js';
import type { OutputOptions } from '../files/outputs.js';
import { runSave } from './run-save.js';
import type { SaveFileOptions } from './save-vmcore-file.js';

/** A dump that was saved into several files. */
export interface SavedPartFiles extends SavedParts {
  readonly paths: readonly string[];
  /** What is missing or damaged in the dump. */
  readonly problems: readonly string[];
}

/**
 * Saves a dump into several files, each with a part of its pages, as makedumpfile --split does; crash reads them
 * together, and {@link reassembleDump} makes one file of them. The name of each ends in `.incomplete` until all are
 * complete. A save that was stopped begins anew.
 *
 * @param onProgress - called from time to time
 * @throws KexecError, as `saveVmcoreFile()`; `EINVAL`, check `dump-save`, for fewer than 2 files, too many, or ELF.
 */
export async function splitVmcoreFile(
  input: string,
  outputs: readonly string[],
  {
    vmcoreinfo,
    overwrite,
    ...options
  }: Omit<SaveFileOptions, 'hasChecksum' | 'isNew' | 'sizeLimit' | 'threads'>,
  onProgress: (progress: SaveProgress) => void,
): Promise<SavedPartFiles> {
  const source = openFileSource(input);
  const files: IncompleteFile[] = [];
  try {
    const vmcore = openVmcore(source, nodeCodecs, vmcoreinfo);
    const pack = await loadNodePacker(options.compression, vmcore.addressSpace?.pageSize ?? 4096);
    for (const output of outputs) files.push(await openNew(output, { inputs: [input], overwrite }));
    const saved = await runSave(saveParts(vmcore, source.size, { ...options, pack }, files), onProgress);
    for (const file of files) await file.finish();
    return { ...saved, paths: outputs, problems: vmcore.problems };
  } finally {
    for (const file of files) file.close();
    source.close();
  }
}

/**
 * Makes one dump of the files of a split dump. Its name ends in `.incomplete` until it is complete.
 *
 * @param inputs - all files, in any order
 * @param onProgress - called from time to time
 * @returns the size of the dump in bytes
 * @throws KexecError: `EINVAL`, check `kdump-header`, if they are not the parts of one dump; `file-access`.
 */
export async function reassembleDump(
  inputs: readonly string[],
  output: string,
  { overwrite }: Pick<OutputOptions, 'overwrite'>,
  onProgress: (progress: SaveProgress) => void = () => {},
): Promise<bigint> {
  const parts: { readonly name: string; readonly source: FileSource }[] = [];
  try {
    for (const name of inputs) parts.push({ name, source: openFileSource(name) });
    const file = await openNew(output, { inputs, overwrite });
    try {
      const size = await runSave(reassembleKdump(parts, file), onProgress);
      await file.finish();
      return size;
    } finally {
      file.close();
    }
  } finally {
    for (const { source } of parts) source.close();
  }
}

async function openNew(output: string, options: OutputOptions): Promise<IncompleteFile> {
  const file = await IncompleteFile.open(output, { ...options, hasChecksum: false });
  try {
    file.truncate(0n);
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}
