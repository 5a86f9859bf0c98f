/**
 * The outcomes of a fleet as one HTML page that loads nothing else. It is written in three parts: rows, one for each
 * machine, are complete before the start is, which contains the counts.
 */
import { encodeBase64 } from '../../base/bytes.js';
import { formatSize } from '../../base/sizes.js';
import { computeDigest } from '../../trust/hashes.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import { formatHtmlStart, HTML_END } from '../../view/html/html-page.js';
import { CHANGES } from '../../view/json/schemas/changes.js';
import { escapeXml } from '../../view/xml.js';
import { describeChange, listChanges, nameChange } from '../compare/change-wording.js';
import type { ChangeCounts, FleetRow } from '../compare/compare-rows.js';
import type { EarlierRow } from '../compare/earlier-row.js';
import type { Outcome, Refusal } from '../preflight-machine.js';
import type { GroupedFleet, OutcomeGroup } from '../shapes/outcome-groups.js';
import type { Cause, PreflightSummary } from '../tally.js';
import {
  describeCrashLoads,
  describeLostDumps,
  formatAddress,
  formatCause,
  formatCount,
  formatCrashRegionSize,
  formatMachineCount,
  listAddressColumns,
  listFleetParts,
  type PreflightColumns,
  sanitize,
} from '../wording.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

/** The requested load, as far as the page shows it. */
export interface PreflightPageOptions extends PreflightColumns {
  /** The kernel's file. */
  readonly kernel: string;
  /** The other options of the load, in the order in which the page lists them. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** Whether the fleet is compared: what has changed has a column. */
  readonly isCompared?: boolean | undefined;
  /** The number of machines for each change; for the page's start alone. */
  readonly changes?: ChangeCounts | undefined;
  /** Machines with the same outcome; for the page's start alone. */
  readonly grouped?: GroupedFleet | undefined;
}

/** The page before the first row. */
export function formatPageStart(summary: PreflightSummary, options: PreflightPageOptions): string {
  const title = `${sanitize(options.kernel)} on ${formatMachineCount(summary.machines)}`;
  return `${formatHtmlStart({ title, style: PAGE_STYLE, policy: buildContentPolicy() }).markup}
<header>
<p class="tool">kexec-file preflight</p>
<h1>${escapeXml(title)}</h1>
<dl class="facts">${[...options.facts, ['Machines', formatCount(summary.machines)] as const].map(formatFact).join('')}</dl>
</header>
<main>
${formatCounts(summary)}
${formatChanges(options)}${formatCauses('Why not', summary.causes)}${formatCauses('Why not as a crash kernel', summary.crash.causes)}
${formatGroups(summary, options)}<h2 id="all">Machines</h2>
${formatLimit(summary)}${formatControls(summary, options)}
<table id="machines"${options.isCompared === true ? ' class="compared"' : ''} aria-labelledby="all">
<thead><tr>${formatHeadings(options)}</tr></thead>
<tbody>
`;
}

/** A page with more rows takes a browser minutes: the machines beyond them are in the groups alone. */
export const MAX_PAGE_ROWS = 10_000;

/** In a fleet of no more machines than that, a reader sees them all. */
const MACHINES_WORTH_GROUPS = 24;

/** Says that not all machines have rows. */
function formatLimit({ machines }: PreflightSummary): string {
  if (machines <= MAX_PAGE_ROWS) return '';
  return `<p>The first ${formatCount(MAX_PAGE_ROWS)} machines; preflight --json prints all.</p>\n`;
}

/** The machines with the same outcome in one row, before all machines have theirs. */
function formatGroups(summary: PreflightSummary, options: PreflightPageOptions): string {
  const { groups, others } = options.grouped ?? { groups: [], others: 0 };
  if (summary.machines <= MACHINES_WORTH_GROUPS || groups.length === summary.machines) return '';
  const rows = groups.map((group) => formatPageRow(group.example, options, formatGroupHead(group)));
  const rest =
    others === 0 ? '' : `<p>${formatMachineCount(others)} with other outcomes are not shown here.</p>\n`;
  return `<h2 id="groups">Machines with the same outcome</h2>
<table class="groups${options.isCompared === true ? ' compared' : ''}" aria-labelledby="groups">
<thead><tr>${formatHeadings(options)}</tr></thead>
<tbody>
${rows.join('')}</tbody>
</table>
${rest}`;
}

function formatGroupHead({ example: { row, before }, count }: OutcomeGroup): string {
  const file = sanitize((row ?? before)?.file ?? '');
  const like = count === 1 ? '' : 'such as ';
  return `<th scope="row">${formatMachineCount(count)}<span class="file">${like}${escapeXml(file)}</span></th>`;
}

/**
 * The row of a machine; of one that is gone, too.
 *
 * @param head - the first cell, in place of that with the machine's name
 */
export function formatPageRow(
  { row, before, change }: FleetRow,
  options: PreflightPageOptions,
  head: string = formatHead(row ?? before),
): string {
  const changed = options.isCompared === true ? [formatChangeCell({ row, before, change })] : [];
  const mark = change === undefined ? '' : ` data-change="${change}"`;
  if (row === undefined)
    return `<tr data-verdict=""${mark}>${head}<td></td>${changed.join('')}${formatFiller(options, '')}</tr>\n`;
  if (row.outcome === undefined) {
    const why = formatFiller(options, formatReason(row.unreadable));
    const cells = [`<td>${formatState('unreadable', 'unreadable')}</td>`, ...changed, why];
    return `<tr data-verdict="unreadable"${mark}>${head}${cells.join('')}</tr>\n`;
  }
  const { outcome, crash, ram } = row;
  const data = `data-verdict="${outcome.verdict}"${mark}${crash?.verdict === 'refused' ? ' data-crash="crash"' : ''}`;
  const cells = [
    `<td>${formatState(outcome.verdict, outcome.verdict)}</td>`,
    ...changed,
    `<td class="number ram" data-key="${ram}">${formatSize(ram)}</td>`,
    ...formatOutcomeCells(outcome, options),
    ...(options.isCrash ? [] : [formatCrashCell(crash, formatCrashRegionSize(row))]),
  ];
  return `<tr ${data}>${head}${cells.join('')}</tr>\n`;
}

/** A machine's name, and its file unless it is called the same. */
function formatHead(row: EarlierRow | undefined): string {
  const file = sanitize(row?.file ?? '');
  const name = row?.outcome === undefined ? file : sanitize(row.machine);
  const label = name === file ? '' : `<span class="file">${escapeXml(file)}</span>`;
  return `<th scope="row" data-key="${escapeXml(name)}">${escapeXml(name)}${label}</th>`;
}

/** The cells of a machine of which no more is known than why. */
function formatFiller(options: PreflightPageOptions, why: string): string {
  const span = listAddressColumns(options).length + (options.isCrash ? 0 : 1);
  return `<td class="ram"></td><td class="why" colspan="${span}">${why}</td>`;
}

function formatChangeCell(machine: FleetRow): string {
  const { change = 'unchanged' } = machine;
  // The rest of the row says why.
  const isClear = ['stopped', 'new', 'gone', 'unchanged'].includes(change);
  const text = isClear ? '' : `<small>${escapeXml(sanitize(describeChange(machine)))}</small>`;
  return `<td class="change" data-key="${CHANGES.indexOf(change)}"><span class="${change}">${nameChange(change)}</span> ${text}</td>`;
}

/** The page after the last row. */
export function formatPageEnd(): string {
  return `</tbody>
</table>
</main>
<script>${PAGE_SCRIPT}</script>
${HTML_END.markup}`;
}

/** Allows this style sheet and this script, and nothing else, whatever the names of machines contain. */
function buildContentPolicy(): string {
  return `default-src 'none'; style-src ${buildHashSource(PAGE_STYLE)}; script-src ${buildHashSource(PAGE_SCRIPT)}`;
}

/** A hash-source: Content Security Policy Level 3, section 2.3.1. */
function buildHashSource(text: string): string {
  const digest = computeDigest(portableHashes, 'sha256', new TextEncoder().encode(text)) ?? new Uint8Array(0);
  return `'sha256-${encodeBase64(digest)}'`;
}

function formatFact([name, text]: readonly [string, string]): string {
  return `<div><dt>${escapeXml(name)}</dt><dd><code>${escapeXml(sanitize(text))}</code></dd></div>`;
}

/** The number of machines for each verdict, as figures and as a bar. */
function formatCounts(summary: PreflightSummary): string {
  const parts = listFleetParts(summary);
  const items = parts.map(
    ({ verdict, count, label }) =>
      `<li class="${verdict}${count === 0 ? ' none' : ''}"><strong>${formatCount(count)}</strong>${label}</li>`,
  );
  let at = 0;
  const bars = parts.map(({ verdict, count }) => {
    const bar = `<rect class="${verdict}" x="${at}" y="0" width="${count}" height="1"/>`;
    at += count;
    return bar;
  });
  const notes = [describeCrashLoads(summary), describeLostDumps(summary)].flatMap((note) =>
    note === undefined
      ? []
      : [`<p class="crash">${escapeXml(sanitize(note.charAt(0).toUpperCase() + note.slice(1)))}.</p>`],
  );
  return `<ul class="counts">${items.join('')}</ul>
<svg class="bar" viewBox="0 0 ${summary.machines} 1" preserveAspectRatio="none" aria-hidden="true">${bars.join('')}</svg>
${notes.join('\n')}`;
}

/** The number of machines for each change. */
function formatChanges({ changes }: PreflightPageOptions): string {
  if (changes === undefined) return '';
  const items = listChanges(changes).map(
    ({ change, count, label }) =>
      `<li class="${change}"><strong>${formatCount(count)}</strong> ${label}</li>`,
  );
  return `<h2>What changes</h2>
<ul class="changes">${items.join('')}</ul>
`;
}

function formatCauses(title: string, causes: readonly Cause[]): string {
  if (causes.length === 0) return '';
  const rows = causes.map(
    (cause) => `<tr><td class="cause">${formatCauseCode(cause)}</td><td>${escapeXml(cause.rule)}</td>
<td class="cure">${escapeXml(cause.cure)}</td><td class="number">${formatCount(cause.count)}</td></tr>`,
  );
  return `<h2>${title}</h2>
<table class="causes">
<thead><tr><th scope="col">Errno and check</th><th scope="col">Rule</th><th scope="col">What to do</th><th scope="col" class="number">Machines</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>
`;
}

/** The search field and the filter, which the script shows. */
function formatControls(summary: PreflightSummary, { isCrash, changes }: PreflightPageOptions): string {
  const states = [
    ['', 'all machines'],
    ['loads', 'those that load it'],
    ['refused', 'those that refuse it'],
    ...(summary.unreadable === 0 ? [] : [['unreadable', 'those that cannot be read']]),
    ...(isCrash || summary.crash.refused === 0 ? [] : [['crash', 'those that refuse it as a crash kernel']]),
    ...(changes === undefined ? [] : listChanges(changes)).flatMap(({ change, count }) =>
      count === 0 ? [] : [[change, nameChange(change)]],
    ),
  ];
  const choices = states.map(([value, label]) => `<option value="${value}">${label}</option>`);
  return `<form id="controls" hidden>
<input type="search" name="search" placeholder="Name, file, errno, check …" aria-label="Show machines with" autocomplete="off">
<select name="state" aria-label="Show">${choices.join('')}</select>
<output name="shown"></output>
</form>`;
}

const ADDRESS_HEADINGS = { kernel: 'Kernel', initrd: 'Initrd', dtb: 'Device tree' } as const;

function formatHeadings(options: PreflightPageOptions): string {
  const headings = [
    ['machine', 'Machine'],
    ['verdict', 'Verdict'],
    ...(options.isCompared === true ? [['change', 'Change']] : []),
    ['ram number', 'RAM'],
    ...listAddressColumns(options).map((segment) => ['place', ADDRESS_HEADINGS[segment]]),
    ...(options.isCrash ? [] : [['region', 'As a crash kernel']]),
  ];
  return headings.map(([className, text]) => `<th scope="col" class="${className}">${text}</th>`).join('');
}

function formatOutcomeCells(outcome: Outcome, options: PreflightPageOptions): string[] {
  const segments = listAddressColumns(options);
  if (outcome.verdict === 'refused') {
    return [`<td class="why" colspan="${segments.length}">${formatReason(outcome.refusal)}</td>`];
  }
  return segments.map(
    (segment) => `<td class="address ${segment}">${formatAddress(outcome, segment) ?? ''}</td>`,
  );
}

function formatCrashCell(crash: Outcome | undefined, size: string): string {
  if (crash === undefined) return '<td class="region" data-key=""><small>no crash region</small></td>';
  if (crash.verdict === 'loads') return `<td class="region">${formatState('loads', `fits in ${size}`)}</td>`;
  const { refusal } = crash;
  return `<td class="region">${formatState('refused', `refused in ${size}`)}
<details><summary>${formatCauseCode(refusal)}</summary>${escapeXml(sanitize(refusal.detail))}</details></td>`;
}

function formatState(verdict: 'loads' | 'refused' | 'unreadable', text: string): string {
  return `<span class="state ${verdict}">${text}</span>`;
}

function formatReason(refusal: Refusal): string {
  return `${formatCauseCode(refusal)} <small>${escapeXml(sanitize(refusal.detail))}</small>`;
}

function formatCauseCode(cause: Pick<Refusal, 'errno' | 'check'>): string {
  return `<code>${formatCause(cause)}</code>`;
}
