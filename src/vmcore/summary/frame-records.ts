import { BoundedBytes } from '../../base/bytes.js';
import { KexecError } from '../../base/error.js';
import { U64_LIMIT } from '../../base/u64.js';
import type { VirtualMemory } from '../address/virtual-memory.js';
import type { CpuState } from './cpu-states.js';

/** No kernel stack has more frames. */
const FRAMES_LIMIT = 256;

/** Kernel addresses, whatever signs them: bit 55 tells them from user addresses. */
const KERNEL_BIT = 1n << 55n;

/** x29 and return address of a caller. */
const RECORD_SIZE = 16;

/**
 * Where the frame records of a CPU's kernel stack lie, innermost first: each holds the caller's x29 and return address
 * (Procedure Call Standard for the Arm 64-bit Architecture, 6.4.6). arm64 kernels always keep them. The list ends where
 * the kernel was entered, or where what follows is no record.
 */
export function findFrameRecords(memory: VirtualMemory, { x }: CpuState): bigint[] {
  const records: bigint[] = [];
  const seen = new Set<bigint>();
  let at = x[29] ?? 0n;
  while (records.length < FRAMES_LIMIT && isStackAddress(at) && !seen.has(at)) {
    const caller = readCaller(memory, at);
    if (caller === undefined) break;
    seen.add(at);
    records.push(at);
    at = caller;
  }
  return records;
}

function isStackAddress(address: bigint): boolean {
  return (address & KERNEL_BIT) !== 0n && address % 8n === 0n && address + BigInt(RECORD_SIZE) <= U64_LIMIT;
}

function readCaller(memory: VirtualMemory, at: bigint): bigint | undefined {
  try {
    const record = memory.read(at, RECORD_SIZE);
    return new BoundedBytes(record, { what: 'frame record', check: 'dump-memory', errno: 'EFAULT' }).u64le(0);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}
