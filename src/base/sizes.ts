/** Numbers of bytes as text for people: with a binary unit, rounded half up. */
import { GIB, hex, KIB, MIB } from './u64.js';

const TIB = 1024n * GIB;

/** A number of bytes for prose and labels: `27 MiB`, `1.97 GiB`. At most two decimals, without trailing zeros. */
export function formatSize(count: bigint | number): string {
  const bytes = BigInt(count);
  const [unit, name] =
    bytes >= GIB ? [GIB, 'GiB'] : bytes >= MIB ? [MIB, 'MiB'] : bytes >= KIB ? [KIB, 'KiB'] : [1n, 'B'];
  return `${formatRatio(bytes, unit, 2).replace(/\.?0+$/, '')} ${name}`;
}

/**
 * A number of bytes for a sentence about a file or an address: `31.43 MiB (0x1f6dfc0)`, `48 bytes`. The hexadecimal
 * digits are those of the JSON and of the kernel's messages; a number below 1 KiB needs none.
 */
export function formatBytes(bytes: bigint | number): string {
  const count = BigInt(bytes);
  if (count < KIB) return `${count} ${count === 1n ? 'byte' : 'bytes'}`;
  return `${formatSize(count)} (${hex(count)})`;
}

/**
 * A number of bytes for a right-aligned column: `27.0 MiB`. Always one decimal, so that the points are aligned, and MiB
 * where possible, so that figures compare: KiB below 0.1 MiB, GiB from 10 GiB on, bytes below 0.1 KiB.
 */
export function formatSizeColumn(bytes: bigint): string {
  if (bytes * 10n < KIB) return `${bytes} B`;
  if (bytes * 10n < MIB) return `${formatRatio(bytes, KIB, 1)} KiB`;
  if (bytes < 10n * GIB) return `${formatRatio(bytes, MIB, 1)} MiB`;
  return `${formatRatio(bytes, GIB, 1)} GiB`;
}

/**
 * A number of bytes as a kernel parameter such as `crashkernel=` takes it: `320M`, `2G`. Rounded up to a whole unit.
 */
export function formatParameterSize(bytes: bigint): string {
  if (bytes >= TIB && bytes % TIB === 0n) return `${bytes / TIB}T`;
  if (bytes >= GIB && bytes % GIB === 0n) return `${bytes / GIB}G`;
  return bytes >= MIB ? `${(bytes + MIB - 1n) / MIB}M` : `${(bytes + KIB - 1n) / KIB}K`;
}

/** `bytes / unit` with `places` decimals, rounded half up. */
function formatRatio(bytes: bigint, unit: bigint, places: number): string {
  const scale = 10n ** BigInt(places);
  const scaled = (bytes * scale * 2n + unit) / (2n * unit);
  return `${scaled / scale}.${(scaled % scale).toString().padStart(places, '0')}`;
}
