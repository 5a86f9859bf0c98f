/**
 * A point in time as ISO 8601, without milliseconds if they are zero: `2026-11-28T15:00:00Z`. Beyond the years that
 * a date can have, the number of seconds.
 *
 * @param seconds - since 1970
 */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('.000Z', 'Z');
}
