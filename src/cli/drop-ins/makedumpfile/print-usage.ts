import { refuse } from '../../../base/error.js';
import { countLivePages, type LivePages } from '../../../node/vmcore/count-live-pages.js';
import { LIVE_MEMORY } from '../../../node/vmcore/live-memory.js';
import { line, type Printable } from '../../../view/text/printable.js';
import type { UsageRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';
import { createProgressView } from './progress-view.js';

/**
 * Prints what the running kernel uses its memory for, in makedumpfile's table, which programs read.
 *
 * @returns true
 * @throws KexecError, as {@link countLivePages}; `EINVAL`, check `file-access`, for another file.
 */
export async function printUsage({ vmcore }: UsageRequest, messages: Messages): Promise<boolean> {
  if (vmcore !== LIVE_MEMORY.memory)
    refuse(
      'file-access',
      'EINVAL',
      `--mem-usage counts the pages of the running kernel, and ${vmcore} is another file`,
      {
        cure: `give ${LIVE_MEMORY.memory}; for a dump, use --dry-run --show-stats`,
      },
    );
  const progress = messages.has('progress') ? createProgressView() : undefined;
  try {
    const pages = await countLivePages((step) => progress?.show(step));
    progress?.complete();
    for (const row of formatUsage(pages)) messages.print('results', row);
    return true;
  } finally {
    progress?.stop();
  }
}

function formatUsage({ pageSize, leftOut, kept }: LivePages): Printable[] {
  const { zero, cache, user, free } = leftOut;
  const rows: readonly [type: string, count: number, isExcludable: boolean, text: string][] = [
    ['ZERO', zero, true, 'Pages filled with zero'],
    ['NON_PRI_CACHE', cache, true, 'Cache pages without private flag'],
    ['PRI_CACHE', leftOut['cache-private'], true, 'Cache pages with private flag'],
    ['USER', user, true, 'User process pages'],
    ['FREE', free, true, 'Free pages'],
    ['KERN_DATA', kept, false, 'Dumpable kernel data'],
  ];
  const total = Object.values(leftOut).reduce((sum, count) => sum + count, kept);
  return [
    line``,
    formatRow('TYPE', 'PAGES', 'EXCLUDABLE', 'DESCRIPTION'),
    line`${'-'.repeat(70)}`,
    ...rows.map(([type, count, isExcludable, text]) =>
      formatRow(type, String(count), isExcludable ? 'yes' : 'no', text),
    ),
    line``,
    formatTotal('page size', String(pageSize)),
    formatTotal('Total pages on system', String(total)),
    formatTotal('Total size on system', `${(BigInt(total) * BigInt(pageSize)).toString().padEnd(16)} Byte`),
  ];
}

function formatRow(type: string, pages: string, excludable: string, text: string): Printable {
  return line`${type.padEnd(16)}${pages.padEnd(24)}${excludable.padEnd(16)}${text}`;
}

function formatTotal(name: string, value: string): Printable {
  return line`${`${name}:`.padEnd(24)}${value}`;
}
