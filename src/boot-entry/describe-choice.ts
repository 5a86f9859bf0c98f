import type { ChosenEntry } from './boot-entry.js';

/** Names an entry and why it was chosen: `entry debian-6.12 of /boot/loader/entries, default in loader.conf`. */
export function describeChoice({ id, source, reason }: ChosenEntry): string {
  return `entry ${id} of ${source}, ${reason}`;
}
