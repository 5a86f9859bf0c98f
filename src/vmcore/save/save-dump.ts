import type { Codecs } from '../../formats/kdump/page.js';
import type { Compression } from '../../formats/kdump/write.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { portableCodecs } from '../open/portable-codecs.js';
import type { DumpTarget, Saved, SaveProgress } from './dump-target.js';
import type { Pack } from './kdump-pages.js';
import { saveElf } from './save-elf.js';
import { saveKdump } from './save-kdump.js';
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
export function* saveVmcore(
  vmcore: Vmcore,
  fileSize: bigint,
  { filter, format, compression, pack, codecs = portableCodecs }: SaveOptions,
  target: DumpTarget,
): Generator<SaveProgress, Saved> {
  const saved = findSavedMemory(vmcore, fileSize);
  return format === 'elf'
    ? yield* saveElf(vmcore, saved, filter, target)
    : yield* saveKdump({ vmcore, saved, filter, compression, pack, codecs }, target);
}
