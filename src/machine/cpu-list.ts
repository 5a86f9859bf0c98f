import { refuse } from '../base/error.js';

/**
 * Counts the CPUs in a list such as `0-3,8`: `/sys/devices/system/cpu/possible` (`cpumap_print_to_pagebuf()`).
 *
 * @throws KexecError `EINVAL`, check `machine-text`, for anything else.
 */
export function countCpus(list: string): number {
  let count = 0;
  for (const part of list.trim().split(',')) {
    const [, first, last = first] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    const length = Number(last) - Number(first) + 1;
    if (!(length > 0)) {
      refuse('machine-text', 'EINVAL', `cpu-possible: ${JSON.stringify(part.slice(0, 60))}`);
    }
    count += length;
  }
  return count;
}
