import { GIB, KIB, MIB } from '../base/u64.js';

const TIB = 1024n * GIB;

/** A number of bytes as `crashkernel=` takes it, and short: `320M`, `2G`. What is not whole is rounded up. */
export function formatShortSize(bytes: bigint): string {
  if (bytes >= TIB && bytes % TIB === 0n) return `${bytes / TIB}T`;
  if (bytes >= GIB && bytes % GIB === 0n) return `${bytes / GIB}G`;
  return bytes >= MIB ? `${(bytes + MIB - 1n) / MIB}M` : `${(bytes + KIB - 1n) / KIB}K`;
}
