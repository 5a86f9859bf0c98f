import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { writeNotes } from '../../formats/elf/notes.js';
import type { Compression, KdumpFacts, KdumpLayout } from '../../formats/kdump/write.js';
import { findVmcoreinfoNote } from '../address/vmcoreinfo.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { readCpuStates } from '../summary/cpu-states.js';
import { readUts } from '../summary/uts.js';
import type { Pack } from './pack-run.js';
import type { CreateRunPacker } from './run-packer.js';
import type { SavedMemory } from './saved-memory.js';

/** What a compressed dump is built from. */
export interface KdumpRequest {
  readonly vmcore: Vmcore;
  readonly saved: SavedMemory;
  /** {@link FILTER_LEVELS}, added up. */
  readonly filter: number;
  readonly compression: Compression;
  readonly pack: Pack;
  /** {@link PlainRunPacker} if left out. */
  readonly createPacker?: CreateRunPacker | undefined;
}

/**
 * How large the bitmaps of a copy may be, in bytes, unless the dump is larger: they have a bit for each page frame up
 * to the highest, whatever lies below it. This is enough for addresses of 42 bits.
 */
const MAX_BITMAPS_BYTES = 1 << 28;

/** In VMCOREINFO's note, the text follows 12 bytes of header and a name of 11 bytes, padded to 12. */
const VMCOREINFO_TEXT_OFFSET = 24;

/** Collects what the headers of a compressed dump say. */
export function collectKdumpFacts({ vmcore, saved, filter, compression }: KdumpRequest): KdumpFacts {
  const { notes, vmcoreinfo, architecture } = vmcore;
  const note = findVmcoreinfoNote(notes);
  const index = note === undefined ? -1 : notes.indexOf(note);
  const at = writeNotes(notes.slice(0, Math.max(index, 0))).length + VMCOREINFO_TEXT_OFFSET;
  return {
    pageSize: saved.pageSize,
    compression,
    dumpLevel: (vmcore.dumpLevel ?? 0) | filter,
    physBase: architecture.findPhysBase(vmcoreinfo),
    frames: saved.frames,
    time: Number(vmcoreinfo.lines.CRASHTIME ?? 0) || 0,
    cpus: readCpuStates(notes, architecture.registers).length,
    uts: findUts(vmcore),
    notes: writeNotes(notes),
    ...(note === undefined ? {} : { vmcoreinfo: { at, size: note.descriptor.length } }),
  };
}

/** uname(2) of the crashed kernel; if it cannot be read, as much of it as VMCOREINFO has. */
function findUts(vmcore: Vmcore): readonly string[] {
  const uts = attempt(() => readUts(vmcore));
  return uts instanceof KexecError
    ? ['Linux', '', vmcore.vmcoreinfo.lines.OSRELEASE ?? '', '', vmcore.architecture.machine, '']
    : Object.values(uts);
}

/**
 * Refuses a dump of few pages at high addresses, whose copy would have more bitmaps than pages.
 *
 * @throws KexecError `EINVAL`, check `dump-save`.
 */
export function checkBitmaps({ total, frames, pageSize }: SavedMemory, layout: KdumpLayout): void {
  const bytes = layout.descriptors - layout.ramBitmap;
  if (bytes <= Math.max(MAX_BITMAPS_BYTES, total)) return;
  const seen = `the dump has ${formatSize(BigInt(total))} of memory up to ${hex(BigInt(frames) * BigInt(pageSize))}, for which the copy needs bitmaps of ${formatSize(BigInt(bytes))}`;
  refuse('dump-save', 'EINVAL', seen, { cure: 'save it as ELF, which has no bitmaps: --format elf' });
}
