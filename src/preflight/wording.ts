/** What the table and the page say in the same words. */
import { hex } from '../base/u64.js';
import type { SegmentName } from '../kexec/kimage.js';
import { formatSize } from '../view/sizes.js';
import type { Outcome, PreflightRow, Refusal } from './preflight-machine.js';
import type { PreflightSummary } from './tally.js';

/** More of a name or of what was seen tells nobody anything. */
const LONGEST = 300;

/** A text out of a file, for people: cut where it is endless, nothing in it that would steer a terminal. */
export function plain(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** What the reader calls a machine: its name or, where there is none to be had, its file's. */
export function nameOf(row: PreflightRow): string {
  return plain(row.outcome === undefined ? row.file : row.machine);
}

/** Where a segment would be; nothing where it is not loaded. */
export function placeOf(outcome: Outcome, segment: SegmentName): string | undefined {
  const found =
    outcome.verdict === 'loads' ? outcome.segments.find(({ name }) => name === segment) : undefined;
  return found && hex(found.mem);
}

/** `EADDRNOTAVAIL (segment-hole)`. */
export function causeOf({ errno, check }: Pick<Refusal, 'errno' | 'check'>): string {
  return `${errno} (${check})`;
}

/** `1,000`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** `1,000 machines`, `1 machine`. */
export function machines(number: number): string {
  return `${count(number)} ${number === 1 ? 'machine' : 'machines'}`;
}

/** A part of a fleet. */
export interface Part {
  readonly verdict: 'loads' | 'refused' | 'unreadable';
  readonly number: number;
  /** What its machines do. */
  readonly label: string;
}

/** What comes of the fleet, part by part. */
export function parts({ loads, refused, unreadable }: PreflightSummary): Part[] {
  return [
    { verdict: 'loads', number: loads, label: loads === 1 ? 'loads it' : 'load it' },
    { verdict: 'refused', number: refused, label: refused === 1 ? 'refuses it' : 'refuse it' },
    { verdict: 'unreadable', number: unreadable, label: 'cannot be read' },
  ];
}

/** Of the machines that have a crash region, how many load the kernel there; nothing if there are none. */
export function crashSentence({ crash }: PreflightSummary): string | undefined {
  if (crash.regions === 0) return undefined;
  return `as a crash kernel it loads into ${count(crash.loads)} of ${count(crash.regions)} crash regions`;
}

/** `256 MiB`: the size of a machine's crash region. */
export function regionSize(row: PreflightRow): string {
  if (row.outcome === undefined || row.crashRegion === undefined) return '';
  return formatSize(row.crashRegion.end - row.crashRegion.start);
}
