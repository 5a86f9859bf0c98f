import { attempt, KexecError } from '../../base/error.js';
import { maximum } from '../../base/u64.js';
import { readUnpackedSize } from '../../formats/unpacked-size.js';
import type { InitrdReport } from './initrd-report.js';

/**
 * The size of an initrd's files: counted; where the bound on the work ended the count, no less than the initrd's
 * headers say.
 */
export function measureUnpacked(initrd: Uint8Array, { memory, bound, members }: InitrdReport): bigint {
  if (bound === undefined) return BigInt(memory);
  const last = initrd.subarray(members.at(-1)?.offset ?? 0);
  const said = attempt(() => readUnpackedSize(last));
  return maximum(BigInt(memory), said instanceof KexecError ? 0n : (said ?? 0n));
}
