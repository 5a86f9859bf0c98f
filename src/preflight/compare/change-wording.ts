/** What has changed for a machine, in words: for the table and the page. */
import { hex } from '../../base/u64.js';
import { CHANGES, type Change } from '../../view/json/schemas/changes.js';
import type { PreflightRow } from '../preflight-machine.js';
import { formatCause, formatCount, formatReason } from '../wording.js';
import { type ChangeCounts, crashOf, type FleetRow, listMoves } from './compare-rows.js';
import type { EarlierOutcome, EarlierRefusal, EarlierRow } from './earlier-row.js';

/** Words for one machine and for several, after their number. */
const LABELS: Readonly<Record<Change, readonly [one: string, several: string]>> = {
  stopped: ['no longer loads it', 'no longer load it'],
  started: ['loads it now', 'load it now'],
  crashStopped: ['no longer loads it as a crash kernel', 'no longer load it as a crash kernel'],
  crashStarted: ['loads it as a crash kernel now', 'load it as a crash kernel now'],
  moved: ['moved', 'moved'],
  otherCause: ['refuses it for another cause', 'refuse it for another cause'],
  new: ['new', 'new'],
  gone: ['gone', 'gone'],
  unchanged: ['unchanged', 'unchanged'],
};

/** What has changed for one machine. */
export function nameChange(change: Change): string {
  return LABELS[change][0];
}

/** The changes that machines have, with their numbers: `3 no longer load it`. That none stopped is always said. */
export function listChanges(
  counts: ChangeCounts,
): { readonly change: Change; readonly count: number; readonly label: string }[] {
  return CHANGES.filter((change) => counts[change] > 0 || change === 'stopped' || change === 'unchanged').map(
    (change) => {
      const count = counts[change];
      return { change, count, label: LABELS[change][count === 1 ? 0 : 1] };
    },
  );
}

/** `0 no longer load it, 2 moved, 98 unchanged`. */
export function formatChangeCounts(counts: ChangeCounts): string {
  return listChanges(counts)
    .map(({ count, label }) => `${formatCount(count)} ${label}`)
    .join(', ');
}

/** The verdict of a row: `loads`, `refused`, `unreadable`; `-` where there is no row. */
export function nameVerdict(row: EarlierRow | undefined): string {
  if (row === undefined) return '-';
  return row.outcome === undefined ? 'unreadable' : row.outcome.verdict;
}

/** Says what has changed. @returns an empty text if nothing has */
export function describeChange({ change, row, before }: FleetRow): string {
  switch (change) {
    case 'stopped':
      return formatReason(refusalOf(row));
    case 'started':
      return `before: ${formatCause(refusalOf(before))}`;
    case 'crashStopped':
      return `as a crash kernel: ${describeNoCrash(row)}`;
    case 'crashStarted':
      return `as a crash kernel it loads now; before: ${describeNoCrash(before)}`;
    case 'moved':
      return describeMoves(row, before);
    case 'otherCause':
      return describeOtherCause(row, before);
    case 'new':
      return describeNew(row);
    case 'gone':
      return 'not in the fleet any more';
    default:
      return '';
  }
}

/** The refusal of a machine that does not load the kernel. */
function refusalOf(row: EarlierRow | undefined): EarlierRefusal {
  const refusal = findRefusal(row);
  if (refusal === undefined) throw new Error('a machine that loads the kernel has no refusal');
  return refusal;
}

function findRefusal(row: EarlierRow | undefined): EarlierRefusal | undefined {
  if (row === undefined) return undefined;
  return row.outcome === undefined ? row.unreadable : findOutcomeRefusal(row.outcome);
}

function findOutcomeRefusal(outcome: EarlierOutcome | undefined): EarlierRefusal | undefined {
  return outcome?.verdict === 'refused' ? outcome.refusal : undefined;
}

/** Why a machine does not load the kernel as a crash kernel. */
function describeNoCrash(row: EarlierRow | undefined): string {
  if (row !== undefined && row.outcome === undefined) return formatReason(row.unreadable);
  const refusal = row && findOutcomeRefusal(crashOf(row));
  return refusal === undefined ? 'no crash region' : formatReason(refusal);
}

function describeNew(row: PreflightRow | undefined): string {
  const refusal = findRefusal(row);
  return refusal === undefined ? 'new in the fleet' : `new in the fleet: ${formatReason(refusal)}`;
}

function describeMoves(row: EarlierRow | undefined, before: EarlierRow | undefined): string {
  const moves = formatMoves(row?.outcome, before?.outcome);
  const crash = row && before ? formatMoves(crashOf(row), crashOf(before)) : '';
  return [moves, crash === '' ? '' : `as a crash kernel: ${crash}`].filter((text) => text !== '').join('; ');
}

function formatMoves(now: EarlierOutcome | undefined, before: EarlierOutcome | undefined): string {
  return listMoves(now, before)
    .map(({ name, from, to }) => `${name} ${formatPlace(from)} → ${formatPlace(to)}`)
    .join(', ');
}

function formatPlace(address: bigint | undefined): string {
  return address === undefined ? 'none' : hex(address);
}

function describeOtherCause(row: EarlierRow | undefined, before: EarlierRow | undefined): string {
  const now = findRefusal(row);
  const then = findRefusal(before);
  const differs = nameVerdict(row) !== nameVerdict(before);
  if (now !== undefined && then !== undefined && (differs || formatCause(now) !== formatCause(then)))
    return `${formatReason(now)}; before: ${formatCause(then)}`;
  return `as a crash kernel: ${describeNoCrash(row)}; before: ${describeNoCrash(before)}`;
}
