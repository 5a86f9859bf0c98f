import type { Errno, KexecError } from '../../base/error.js';
import { hex } from '../../base/u64.js';
import type { KimageType } from '../../kimage/kimage.js';
import { callError, type ErrnoMeanings } from './call-error.js';
import { openLibc } from './libc.js';
import { lockdownFault, permissionFault, readPermissionFacts } from './permission.js';
import { type LoadedSegment, segmentFault } from './segment-fault.js';

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
  segments: readonly LoadedSegment[],
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
  readonly segments: readonly LoadedSegment[];
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
    if (errno !== 'EPERM') return segmentFault(errno, segments);
    const facts = readPermissionFacts();
    return permissionFault(facts, type) ?? lockdownFault(facts);
  };
  return callError({ check: 'kexec-load', text, meanings: MEANINGS, findCause }, number);
}

/** Linux 6.12: `kexec_load_check()`, `do_kexec_load()`, `sanity_check_segment_list()`, `machine_kexec_prepare()`. */
const MEANINGS: ErrnoMeanings = {
  EPERM:
    'the caller lacks CAP_SYS_BOOT, or kernel.kexec_load_disabled is 1, or kernel.kexec_load_limit_reboot or ' +
    '_panic is used up, or the kernel is locked down, which leaves kexec_file_load of what is signed',
  EACCES: "IMA's policy appraises kernels, and kexec_load cannot show where its segments are from",
  EINVAL:
    'flags that the kernel does not know, another architecture, more than 16 segments, segments that overlap or ' +
    'have more bytes than memory, or one segment or all together larger than half of the RAM',
  EADDRNOTAVAIL:
    'a segment does not begin and end on pages, or leaves the address space, or, of a crash kernel, a segment or ' +
    'the entry lies outside the crash region',
  EBUSY:
    'another kexec call is under way, or CPUs are stuck in the kernel: they can be taken down neither by PSCI nor ' +
    'otherwise (enable-method spin-table)',
  ENOMEM: 'the kernel has no memory for the segments, or for the pages that it needs to copy them',
  EFAULT: 'the segments cannot be read from this process',
  ENOSYS: 'the kernel has no CONFIG_KEXEC, or a seccomp filter hides the call',
};
