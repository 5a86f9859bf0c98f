/**
 * What came of a preflight as one page that needs nothing else: a start and an end, which tell how many, and a row for each
 * machine between them, which can be written before the start is known.
 */
import { encodeBase64 } from '../../base/bytes.js';
import type { SegmentName } from '../../kexec/kimage.js';
import { digestOf } from '../../trust/hashes.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import { formatSize } from '../../view/sizes.js';
import { escapeXml } from '../../view/xml.js';
import type { Outcome, PreflightRow, Refusal } from '../preflight-machine.js';
import type { Cause, PreflightSummary } from '../tally.js';
import {
  causeOf,
  count,
  crashSentence,
  machines,
  nameOf,
  parts,
  placeOf,
  plain,
  regionSize,
} from '../wording.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

/** What was asked for, as far as the page tells. */
export interface PreflightPageOptions {
  /** The kernel's file. */
  readonly kernel: string;
  /** What else was said of the load: a name and a text each. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** Whether an initrd is loaded: then there is a column for where. */
  readonly hasInitrd: boolean;
  /** Whether the load that was asked for is a crash kernel: then there is no other. */
  readonly isCrash: boolean;
}

/** Everything before the first row. */
export function formatPageStart(summary: PreflightSummary, options: PreflightPageOptions): string {
  const kernel = escapeXml(plain(options.kernel));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy()}">
<title>${kernel} on ${machines(summary.machines)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<p class="tool">kexec-file preflight</p>
<h1>${kernel} on ${machines(summary.machines)}</h1>
<dl class="facts">${options.facts.map(fact).join('')}</dl>
</header>
<main>
${counts(summary)}
${causes('Why not', summary.causes)}${causes('Why not as a crash kernel', summary.crash.causes)}
<h2 id="all">Machines</h2>
${controls(summary, options)}
<table id="machines" aria-labelledby="all">
<thead><tr>${heads(options)}</tr></thead>
<tbody>
`;
}

/** A machine's row. */
export function formatPageRow(row: PreflightRow, options: PreflightPageOptions): string {
  const file = plain(row.file);
  const name = nameOf(row);
  const label = name === file ? '' : `<span class="file">${escapeXml(file)}</span>`;
  const head = `<th scope="row" data-key="${escapeXml(name)}">${escapeXml(name)}${label}</th>`;
  if (row.outcome === undefined) {
    const span = places(options).length + (options.isCrash ? 0 : 1);
    const why = `<td></td><td colspan="${span}">${reason(row.unreadable)}</td>`;
    return `<tr data-verdict="unreadable">${head}<td>${state('unreadable', 'unreadable')}</td>${why}</tr>\n`;
  }
  const { outcome, crash, ram } = row;
  const data = `data-verdict="${outcome.verdict}"${crash?.verdict === 'refused' ? ' data-crash="crash"' : ''}`;
  const cells = [
    `<td>${state(outcome.verdict, outcome.verdict)}</td>`,
    `<td class="number" data-key="${ram}">${formatSize(ram)}</td>`,
    ...landing(outcome, options),
    ...(options.isCrash ? [] : [crashCell(crash, regionSize(row))]),
  ];
  return `<tr ${data}>${head}${cells.join('')}</tr>\n`;
}

/** Everything behind the last row. */
export function formatPageEnd(): string {
  return `</tbody>
</table>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** Nothing is fetched, and nothing runs but what is written here, whatever a machine is called. */
function contentPolicy(): string {
  return `default-src 'none'; style-src ${sourceHash(PAGE_STYLE)}; script-src ${sourceHash(PAGE_SCRIPT)}`;
}

/** A hash-source: Content Security Policy Level 3, section 2.3.1. */
function sourceHash(text: string): string {
  const digest = digestOf(portableHashes, 'sha256', new TextEncoder().encode(text)) ?? new Uint8Array(0);
  return `'sha256-${encodeBase64(digest)}'`;
}

function fact([name, text]: readonly [string, string]): string {
  return `<div><dt>${escapeXml(name)}</dt><dd><code>${escapeXml(plain(text))}</code></dd></div>`;
}

function counts(summary: PreflightSummary): string {
  const all = parts(summary);
  const items = all.map(
    ({ verdict, number, label }) =>
      `<li class="${verdict}${number === 0 ? ' none' : ''}"><strong>${count(number)}</strong>${label}</li>`,
  );
  let at = 0;
  const bars = all.map(({ verdict, number }) => {
    const bar = `<rect class="${verdict}" x="${at}" y="0" width="${number}" height="1"/>`;
    at += number;
    return bar;
  });
  const crash = crashSentence(summary);
  return `<ul class="counts">${items.join('')}</ul>
<svg class="bar" viewBox="0 0 ${summary.machines} 1" preserveAspectRatio="none" aria-hidden="true">${bars.join('')}</svg>
${crash === undefined ? '' : `<p class="crash">${crash[0]?.toUpperCase()}${crash.slice(1)}.</p>`}`;
}

function causes(title: string, list: readonly Cause[]): string {
  if (list.length === 0) return '';
  const rows = list.map(
    (cause) => `<tr><td class="cause">${causeMarkup(cause)}</td><td>${escapeXml(cause.rule)}</td>
<td class="cure">${escapeXml(cause.cure)}</td><td class="number">${count(cause.count)}</td></tr>`,
  );
  return `<h2>${title}</h2>
<table class="causes">
<thead><tr><th scope="col">Errno and check</th><th scope="col">What has to hold</th><th scope="col">What to do</th><th scope="col" class="number">Machines</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>
`;
}

function controls(summary: PreflightSummary, { isCrash }: PreflightPageOptions): string {
  const states = [
    ['', 'all machines'],
    ['loads', 'those that load it'],
    ['refused', 'those that refuse it'],
    ...(summary.unreadable === 0 ? [] : [['unreadable', 'those that cannot be read']]),
    ...(isCrash || summary.crash.refused === 0 ? [] : [['crash', 'those that refuse it as a crash kernel']]),
  ];
  const choices = states.map(([value, label]) => `<option value="${value}">${label}</option>`);
  return `<form id="controls" hidden>
<input type="search" name="search" placeholder="Name, file, errno, check …" aria-label="Show machines with" autocomplete="off">
<select name="state" aria-label="Show">${choices.join('')}</select>
<output name="shown"></output>
</form>`;
}

function heads(options: PreflightPageOptions): string {
  return [
    ['machine', 'Machine'],
    ['verdict', 'Verdict'],
    ['ram number', 'RAM'],
    ...places(options).map((name) => ['place', HEADS[name] as string]),
    ...(options.isCrash ? [] : [['region', 'As a crash kernel']]),
  ]
    .map(([className, text]) => `<th scope="col" class="${className}">${text}</th>`)
    .join('');
}

const HEADS: Partial<Record<SegmentName, string>> = {
  kernel: 'Kernel',
  initrd: 'Initrd',
  dtb: 'Device tree',
};

function places({ hasInitrd }: PreflightPageOptions): SegmentName[] {
  return hasInitrd ? ['kernel', 'initrd', 'dtb'] : ['kernel', 'dtb'];
}

function landing(outcome: Outcome, options: PreflightPageOptions): string[] {
  if (outcome.verdict === 'refused') {
    return [`<td colspan="${places(options).length}">${reason(outcome.refusal)}</td>`];
  }
  return places(options).map((name) => `<td class="address">${placeOf(outcome, name) ?? ''}</td>`);
}

function crashCell(crash: Outcome | undefined, size: string): string {
  if (crash === undefined) return '<td data-key=""><small>no crash region</small></td>';
  if (crash.verdict === 'loads') return `<td>${state('loads', `fits in ${size}`)}</td>`;
  const { refusal } = crash;
  return `<td>${state('refused', `refused in ${size}`)}
<details><summary>${causeMarkup(refusal)}</summary>${escapeXml(plain(refusal.detail))}</details></td>`;
}

function state(kind: 'loads' | 'refused' | 'unreadable', text: string): string {
  return `<span class="state ${kind}">${text}</span>`;
}

function reason(refusal: Refusal): string {
  return `${causeMarkup(refusal)} <small>${escapeXml(plain(refusal.detail))}</small>`;
}

function causeMarkup(cause: Pick<Refusal, 'errno' | 'check'>): string {
  return `<code>${causeOf(cause)}</code>`;
}
