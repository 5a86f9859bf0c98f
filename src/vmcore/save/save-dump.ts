import type { Compression } from '../../formats/kdump/write.js';
import type { Vmcore } from '../open/open-vmcore.js';
import type { DumpTarget, Saved, SaveProgress } from './dump-target.js';
import type { Pack } from './kdump-pages.js';
import { saveElf } from './save-elf.js';
import { saveKdump } from './save-kdump.js';
import { findSavedMemory } from './saved-memory.js';

/** How a dump is saved. */
export interface SaveOptions {
  /** What is left out: {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly format: 'elf' | 'kdump';
  /** Of pages, in a compressed dump. */
  readonly compression: Compression;
  /** Packs a page by that compression. */
  readonly pack: Pack;
}

/**
 * Saves a dump into a target: whole steps, between which the caller may do something else. It holds a few MiB of memory,
 * whatever the dump's size.
 *
 * @param fileSize - the size of the file that the dump is read from, in bytes
 * @throws KexecError: `dump-save`, for a dump or a target that this cannot be done with; `vmcoreinfo`, if the filter asks
 *   what VMCOREINFO does not tell; as the target refuses, and as memory refuses.
 */
export function* saveVmcore(
  vmcore: Vmcore,
  fileSize: bigint,
  { filter, format, compression, pack }: SaveOptions,
  target: DumpTarget,
): Generator<SaveProgress, Saved> {
  const saved = findSavedMemory(vmcore, fileSize);
  return format === 'elf'
    ? yield* saveElf(vmcore, saved, filter, target)
    : yield* saveKdump({ vmcore, saved, filter, compression, pack }, target);
}
