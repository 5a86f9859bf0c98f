import type { Errno, KexecError } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { SEGMENT_LOAD_ERRNOS } from '../../../kexec/call-errnos.js';
import type { KimageType } from '../../../kexec/kimage.js';
import type { PlacedBytes } from '../../../kexec/segment-rules.js';
import { callError } from './call-error.js';
import { openLibc } from './libc.js';
import { lockdownFault, permissionFault, readPermissionFacts } from './permission.js';
import { findSegmentFault } from './segment-fault.js';

/** Loads into the crash region (`KEXEC_ON_CRASH`, `include/uapi/linux/kexec.h`). */
const ON_CRASH = 1;

/** `KEXEC_ARCH_AARCH64`: the machine number of ELF, EM_AARCH64, in the upper half. */
const ARCH_AARCH64 = 183 << 16;

/**
 * kexec_load(2): hands segments to the kernel, which copies them from where they are. No segments unload.
 *
 * It is one step: the kernel takes all of it and drops what was loaded before, or takes nothing. For a crash kernel
 * it makes room first: once the call is permitted, what was loaded before is gone, whatever comes of it.
 *
 * The kernel does not look whether a destination is RAM: the caller has to.
 *
 * @throws KexecError with the kernel's errno; `live-platform` where there is no such call.
 */
export async function kexecLoad(
  entry: bigint,
  segments: readonly PlacedBytes[],
  type: KimageType,
): Promise<void> {
  const { koffi, call } = await openLibc();
  // struct kexec_segment
  const segment = koffi.struct({ buf: 'const void *', bufsz: 'size_t', mem: 'uint64_t', memsz: 'size_t' });
  const parameters = ['unsigned long', 'unsigned long', koffi.pointer(segment), 'unsigned long'];
  const flags = ARCH_AARCH64 | (type === 'crash' ? ON_CRASH : 0);
  const structs = segments.map(({ bytes, mem, memsz }) => ({ buf: bytes, bufsz: bytes.length, mem, memsz }));
  const result = call('kexec_load', parameters, [entry, structs.length, structs, flags]);
  if (result < 0) throw kexecLoadError({ entry, segments, type, flags }, -result);
}

/** The arguments of a call. */
export interface SegmentLoad {
  readonly entry: bigint;
  readonly segments: readonly PlacedBytes[];
  readonly type: KimageType;
  readonly flags: number;
}

/** The error of a call of kexec_load(2), told. */
export function kexecLoadError({ entry, segments, type, flags }: SegmentLoad, number: number): KexecError {
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
    return permissionFault(facts, type) ?? lockdownFault(facts);
  };
  return callError({ check: 'kexec-load', text, meanings: SEGMENT_LOAD_ERRNOS, findCause }, number);
}
