import { line } from '../../../view/text/printable.js';
import type { LeftOut, Saved } from '../../../vmcore/save/dump-target.js';
import type { SaveRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';

/** The lines of makedumpfile's report about pages that were left out. */
const KINDS: Readonly<Record<keyof LeftOut, string>> = {
  zero: 'Pages filled with zero',
  cache: 'Non-private cache pages',
  'cache-private': 'Private cache pages',
  user: 'User process data pages',
  free: 'Free pages',
  poisoned: 'Hwpoison pages',
  offline: 'Offline pages',
};

/** Width of the column of names. */
const COLUMN = 28;

/** Prints numbers of pages by makedumpfile's names, which programs search for. */
export function printReport(
  { pages, leftOut, size, unknown }: Pick<Saved, 'pages' | 'leftOut' | 'size' | 'unknown'>,
  { format }: SaveRequest,
  messages: Messages,
): void {
  const excluded = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  // In a compressed dump, pages of zeros share one place.
  const remaining = format === 'kdump' ? pages - leftOut.zero : pages;
  const original = remaining + excluded;
  const print = (name: string, count: number): void =>
    messages.print('report', line`${name.padEnd(COLUMN)}: ${formatCount(count)}`);
  messages.print('report', line``);
  // An ELF file has a page twice if two PT_LOADs have it, and keeps short runs of pages: these do not add up.
  if (format === 'kdump') {
    print('Original pages', original);
    print('  Excluded pages', excluded);
  }
  for (const [kind, name] of Object.entries(KINDS)) print(`    ${name}`, leftOut[kind as keyof LeftOut]);
  print('  Remaining pages', remaining);
  if (format === 'kdump' && original > 0)
    messages.print(
      'report',
      line`  (The number of pages is reduced to ${Math.floor((remaining * 100) / original)}%.)`,
    );
  if (unknown > 0) print('  Pages of unknown use', unknown);
  messages.print('report', line`${'Write bytes'.padEnd(COLUMN)}: ${size}`);
}

/** A number of pages as makedumpfile prints it. */
function formatCount(count: number): string {
  return `0x${count.toString(16).padStart(16, '0')}`;
}
