import { attempt, KexecError } from '../../base/error.js';
import { U64_LIMIT } from '../../base/u64.js';
import type { ReadVirtual } from '../architecture.js';
import type { CpuState } from '../summary/cpu-states.js';

/** No kernel stack has more frames. */
const MAX_FRAMES = 256;

/** Set in kernel addresses and clear in user addresses, signed or not. */
const KERNEL_BIT = 1n << 55n;

/** A frame record is the caller's x29 and the return address. In bytes. */
const RECORD_SIZE = 16;

/**
 * Finds the frame records on the kernel stack of a CPU (Procedure Call Standard for the Arm 64-bit Architecture,
 * 6.4.6). arm64 kernels always keep them.
 *
 * @returns virtual addresses, innermost frame first, up to where the kernel was entered or no record follows
 */
export function findFrameRecords(read: ReadVirtual, { registers }: CpuState): bigint[] {
  const records = new Set<bigint>();
  let at = registers.x29 ?? 0n;
  while (records.size < MAX_FRAMES && isStackAddress(at) && !records.has(at)) {
    const record = at;
    const bytes = attempt(() => read(record, RECORD_SIZE));
    if (bytes instanceof KexecError) break;
    records.add(record);
    at = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }
  return [...records];
}

function isStackAddress(address: bigint): boolean {
  return (address & KERNEL_BIT) !== 0n && address % 8n === 0n && address + BigInt(RECORD_SIZE) <= U64_LIMIT;
}
