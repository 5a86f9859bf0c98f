/** What the text table and the page have in common: the columns, and the words. */
import { escapeField } from '../base/escape-field.js';
import { size } from '../base/range.js';
import { formatSize } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import type { SegmentName } from '../kexec/kimage.js';
import type { EarlierRefusal } from './compare/earlier-row.js';
import type { Outcome, PreflightRow } from './preflight-machine.js';
import type { PreflightSummary } from './tally.js';

/** The requested load, as far as the columns depend on it. */
export interface PreflightColumns {
  /** Whether an initrd is loaded: its address has a column. */
  readonly hasInitrd: boolean;
  /** Whether the requested load is that of a crash kernel: there is no column for a second load as a crash kernel. */
  readonly isCrash: boolean;
}

/** A segment whose address has a column. */
export type AddressColumn = 'kernel' | 'initrd' | 'dtb';

/** The segments whose addresses have columns. */
export function listAddressColumns({ hasInitrd }: PreflightColumns): AddressColumn[] {
  return hasInitrd ? ['kernel', 'initrd', 'dtb'] : ['kernel', 'dtb'];
}

/** The physical address of a segment; undefined if it is not loaded. */
export function formatAddress(outcome: Outcome | undefined, segment: SegmentName): string | undefined {
  const segments = outcome?.verdict === 'loads' ? outcome.segments : [];
  const found = segments.find(({ name }) => name === segment);
  return found && hex(found.mem);
}

const MAX_TEXT_LENGTH = 300;

/** Text from a file, made safe to print, and short enough for a table. */
export function sanitize(text: string): string {
  return escapeField(text, MAX_TEXT_LENGTH);
}

/** `EADDRNOTAVAIL (segment-hole)`. */
export function formatCause({ errno, check }: Pick<EarlierRefusal, 'errno' | 'check'>): string {
  return `${errno} (${check})`;
}

/** The cause, and what was seen. */
export function formatReason(refusal: EarlierRefusal): string {
  return `${formatCause(refusal)}: ${sanitize(refusal.detail)}`;
}

/** `1,000`. */
export function formatCount(count: number): string {
  // As toLocaleString('en') writes it, which loads all that ICU knows of the language first.
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1,000 machines`, `1 machine`. */
export function formatMachineCount(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'machine' : 'machines'}`;
}

/** The machines of a fleet that have the same verdict. */
export interface FleetPart {
  readonly verdict: 'loads' | 'refused' | 'unreadable';
  readonly count: number;
  /** The words that follow the count. */
  readonly label: string;
}

/** A fleet by verdict. */
export function listFleetParts({ loads, refused, unreadable }: PreflightSummary): FleetPart[] {
  return [
    { verdict: 'loads', count: loads, label: loads === 1 ? 'loads it' : 'load it' },
    { verdict: 'refused', count: refused, label: refused === 1 ? 'refuses it' : 'refuse it' },
    { verdict: 'unreadable', count: unreadable, label: 'cannot be read' },
  ];
}

/** Into how many crash regions the kernel loads; undefined if no machine has a crash region. */
export function describeCrashLoads({ crash }: PreflightSummary): string | undefined {
  if (crash.regions === 0) return undefined;
  return `as a crash kernel it loads into ${formatCount(crash.loads)} of ${formatCount(crash.regions)} crash regions`;
}

/** On how many machines a crash leaves no dump, whatever kernel is loaded; undefined if on none. */
export function describeLostDumps({ noDump }: PreflightSummary): string | undefined {
  if (noDump === undefined) return undefined;
  const where = noDump.count === 1 ? 'on 1 machine' : `on ${formatCount(noDump.count)} machines`;
  return `${where}, makedumpfile saves no dump of the kernel that runs there (kexec-file doctor --machine ${noDump.example})`;
}

/** The size of a machine's crash region, `256 MiB`; empty if it has none. */
export function formatCrashRegionSize(row: PreflightRow): string {
  if (row.outcome === undefined || row.crashRegion === undefined) return '';
  return formatSize(size(row.crashRegion));
}
