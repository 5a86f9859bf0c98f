import { GIB, KIB, MIB } from '../base/u64.js';

/**
 * A number of bytes for a column: `27.0 MiB`. One decimal always, so that the points of a right-aligned column
 * stand below each other, and MiB wherever that can be, so that its figures compare: KiB below 0.1 MiB, GiB from
 * 10 GiB on, bytes below 0.1 KiB.
 */
export function formatSizeColumn(bytes: bigint): string {
  if (bytes * 10n < KIB) return `${bytes} B`;
  if (bytes * 10n < MIB) return `${decimal(bytes, KIB, 1)} KiB`;
  if (bytes < 10n * GIB) return `${decimal(bytes, MIB, 1)} MiB`;
  return `${decimal(bytes, GIB, 1)} GiB`;
}

/** A number of bytes for prose and labels: `27 MiB`, `1.97 GiB`. Two decimals at most, none for the sake of zeros. */
export function formatSize(bytes: bigint): string {
  const [unit, name] =
    bytes >= GIB ? [GIB, 'GiB'] : bytes >= MIB ? [MIB, 'MiB'] : bytes >= KIB ? [KIB, 'KiB'] : [1n, 'B'];
  return `${decimal(bytes, unit, 2).replace(/\.?0+$/, '')} ${name}`;
}

/** `bytes / unit`, rounded half up. */
function decimal(bytes: bigint, unit: bigint, places: number): string {
  const scale = 10n ** BigInt(places);
  const scaled = (bytes * scale * 2n + unit) / (2n * unit);
  return `${scaled / scale}.${(scaled % scale).toString().padStart(places, '0')}`;
}
