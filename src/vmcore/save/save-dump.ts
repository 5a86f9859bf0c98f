import { refuse } from '../../base/error.js';
import type { Codecs } from '../../formats/kdump/page.js';
import type { Compression } from '../../formats/kdump/write.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { portableCodecs } from '../open/portable-codecs.js';
import type { DumpOutput, DumpSink, DumpTarget, Saved, SaveProgress } from './dump-target.js';
import type { Pack } from './pack-run.js';
import type { CreateRunPacker } from './run-packer.js';
import { saveElf } from './save-elf.js';
import { saveKdump } from './save-kdump.js';
import { type SavedParts, saveSplitKdump } from './save-split-kdump.js';
import { findSavedMemory } from './saved-memory.js';

/** How a dump is saved. */
export interface SaveOptions {
  /** Which pages are left out: {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly format: 'elf' | 'kdump';
  /** Of pages, in a compressed dump. */
  readonly compression: Compression;
  /** Packs a page by that compression. */
  readonly pack: Pack;
  /** Packs runs of pages; {@link PlainRunPacker} if left out. */
  readonly createPacker?: CreateRunPacker | undefined;
  /** Unpack pages of an earlier run, to compare them; {@link portableCodecs} if left out. */
  readonly codecs?: Codecs;
}

/**
 * Saves a dump into a target, in steps: the caller may do something else between them. It needs a few MiB of memory for
 * a dump of any size.
 *
 * @param fileSize - the size of the file that the dump is read from, in bytes
 * @returns what was saved; yields the progress after each step
 * @throws KexecError: `dump-save`, if the dump cannot be saved or the target belongs to another one; `vmcoreinfo`, if
 *   the filter needs what VMCOREINFO lacks; or as the target and the memory refuse.
 */
export function saveVmcore(
  vmcore: Vmcore,
  fileSize: bigint,
  options: SaveOptions,
  target: DumpTarget,
): Generator<SaveProgress, Saved> {
  return save(vmcore, fileSize, options, { sink: target, earlier: target });
}

/**
 * Saves a dump into a sink that is written to and never read, in steps, as {@link saveVmcore} does. What makes it a
 * dump is written last: a sink that the save did not complete has none.
 *
 * @throws KexecError, as {@link saveVmcore}.
 */
export function streamVmcore(
  vmcore: Vmcore,
  fileSize: bigint,
  options: SaveOptions,
  sink: DumpSink,
): Generator<SaveProgress, Saved> {
  return save(vmcore, fileSize, options, { sink });
}

function* save(
  vmcore: Vmcore,
  fileSize: bigint,
  { filter, format, compression, pack, createPacker, codecs = portableCodecs }: SaveOptions,
  output: DumpOutput,
): Generator<SaveProgress, Saved> {
  if (format === 'elf' && vmcore.format !== 'ELF')
    refuse('dump-save', 'EOPNOTSUPP', 'the dump is compressed, and is not saved as ELF', {
      cure: 'save it compressed, or save the ELF dump that it was made from',
    });
  const saved = findSavedMemory(vmcore, fileSize);
  return format === 'elf'
    ? yield* saveElf(vmcore, saved, filter, output)
    : yield* saveKdump({ vmcore, saved, filter, compression, pack, createPacker, codecs }, output);
}

/**
 * Saves a dump into several sinks, each with a part of its pages, in steps, as {@link streamVmcore} does: the files of
 * makedumpfile --split.
 *
 * @throws KexecError, as {@link saveVmcore}; `EINVAL`, check `dump-save`, for ELF, which is not split.
 */
export function splitVmcore(
  vmcore: Vmcore,
  fileSize: bigint,
  { filter, format, compression, pack }: SaveOptions,
  sinks: readonly DumpSink[],
): Generator<SaveProgress, SavedParts> {
  if (format === 'elf')
    refuse('dump-save', 'EINVAL', 'an ELF dump cannot be split: only the format kdump has files for parts', {
      cure: 'save it in the format kdump, or into one file',
    });
  const saved = findSavedMemory(vmcore, fileSize);
  return saveSplitKdump({ vmcore, saved, filter, compression, pack }, sinks);
}
