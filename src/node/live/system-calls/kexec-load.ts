import type { Errno, KexecError } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { SEGMENT_LOAD_ERRNOS } from '../../../kexec/call-errnos.js';
import type { KimageType } from '../../../kexec/kimage.js';
import type { PlacedBytes } from '../../../kexec/segment-rules.js';
import { hasChange } from '../../../machine/kernel-changes.js';
import { requireAbi } from './abi.js';
import { buildCallError } from './call-error.js';
import { openLibc } from './libc.js';
import { findLockdownFault, findPermissionFault, readPermissionFacts } from './permission.js';
import { findSegmentFault } from './segment-fault.js';

/** Flags of kexec_load(2): `KEXEC_*` of `include/uapi/linux/kexec.h`. */
const FLAGS = { onCrash: 1, updateElfcorehdr: 4, crashHotplug: 8 } as const;

/** The flag by which a kernel updates the ELF core header when CPUs or memory come or go. @param release - of the kernel */
export function findHotplugFlag(release: string | undefined): number {
  return hasChange(release, 'hotplug-flag') ? FLAGS.crashHotplug : FLAGS.updateElfcorehdr;
}

/**
 * Makes the system call kexec_load(2): the kernel copies the segments. Without segments, it unloads.
 *
 * The kernel loads all segments and frees what was loaded before, or changes nothing. But it frees a crash kernel
 * first: once the call is permitted, the old crash kernel is gone even if the load fails.
 *
 * The kernel does not check that destinations are RAM: the caller must.
 *
 * @param moreFlags - beside those of type and architecture
 * @throws KexecError with the kernel's errno; `live-platform` on other systems than Linux on arm64 and x86_64.
 */
export async function callKexecLoad(
  entry: bigint,
  segments: readonly PlacedBytes[],
  type: KimageType,
  moreFlags = 0,
): Promise<void> {
  const { koffi, call } = await openLibc();
  // struct kexec_segment
  const segment = koffi.struct({ buf: 'const void *', bufsz: 'size_t', mem: 'uint64_t', memsz: 'size_t' });
  const parameters = ['unsigned long', 'unsigned long', koffi.pointer(segment), 'unsigned long'];
  const flags = requireAbi().kexecArch | (type === 'crash' ? FLAGS.onCrash : 0) | moreFlags;
  const structs = segments.map(({ bytes, mem, memsz }) => ({ buf: bytes, bufsz: bytes.length, mem, memsz }));
  const result = call('kexec_load', parameters, [entry, structs.length, structs, flags]);
  if (result < 0) throw buildSegmentLoadError({ entry, segments, type, flags }, -result);
}

/** The arguments of a call. */
export interface SegmentLoad {
  readonly entry: bigint;
  readonly segments: readonly PlacedBytes[];
  readonly type: KimageType;
  readonly flags: number;
}

/** Builds the error of a call of kexec_load(2). @param number - the errno */
export function buildSegmentLoadError(
  { entry, segments, type, flags }: SegmentLoad,
  number: number,
): KexecError {
  const list = segments.map(
    ({ name, bytes, mem, memsz }) =>
      `{${name}, bufsz=${hex(bytes.length)}, mem=${hex(mem)}, memsz=${hex(memsz)}}`,
  );
  const text =
    `kexec_load(entry=${hex(entry)}, nr_segments=${segments.length}, ` +
    `segments=[${list.join(', ')}], flags=${hex(flags)})`;
  const findCause = (errno: Errno): string | undefined => {
    if (errno !== 'EPERM') return findSegmentFault(errno, segments);
    const facts = readPermissionFacts();
    return findPermissionFault(facts, type) ?? findLockdownFault(facts);
  };
  return buildCallError({ check: 'kexec-load', text, meanings: SEGMENT_LOAD_ERRNOS, findCause }, number);
}
