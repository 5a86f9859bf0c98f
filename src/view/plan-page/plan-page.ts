/**
 * The page that `plan --html` writes: outcome, refusal, memory, segments, changes of the device tree, and every check.
 */

import { size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type { LoadResult } from '../../kexec/file-load.js';
import { getSegmentRange, type Kimage } from '../../kexec/kimage.js';
import type { Machine } from '../../machine/machine-value.js';
import { Html, html, NOTHING } from '../html/html.js';
import { formatHtmlPage } from '../html/html-page.js';
import { formatHtmlTable } from '../html/html-table.js';
import { formatMemoryTable } from '../memory-map/map-html.js';
import { NARROW, WIDE } from '../memory-map/map-layout.js';
import { buildMemoryRows, type MemoryRow } from '../memory-map/map-rows.js';
import { drawDefinitions, drawEmbeddedMap } from '../memory-map/map-svg.js';
import { describeUnknownMemory } from '../memory-map/unknown-memory.js';
import { formatOutcome, type PlannedLoad } from '../text/outcome-text.js';
import { PLAN_PAGE_STYLE } from './plan-page-style.js';
import { formatRefusalSection, formatTrailSection, formatWarningSection } from './trail-section.js';
import { formatTreeSection } from './tree-section.js';

/** What a page says beside the plan itself. */
export interface PlanPageOptions extends Pick<PlannedLoad, 'kernel' | 'call'> {
  /** Where it would be loaded: "this machine (server1)". The machine's name, if left out. */
  readonly place?: string | undefined;
  /** Other facts about the load, in the order in which the page lists them. */
  readonly facts?: readonly (readonly [name: string, text: string])[];
}

/**
 * One HTML page about a plan, with everything in it: it loads nothing, runs no script, and is readable at any width and
 * on paper. Text out of files is escaped.
 *
 * @param result - a kimage or a refusal
 * @param machine - the one that the plan was made for
 * @example
 * ```ts
 * const machine = PRESETS['qemu-virt']();
 * const kernel = { name: 'vmlinuz', identity: {} };
 * const page = formatPlanPage(await plan(bytes, { machine }), machine, { kernel });
 * ```
 */
export function formatPlanPage(
  result: LoadResult,
  machine: Machine,
  { kernel, place = machine.name, call, facts = [] }: PlanPageOptions,
): string {
  const title = `${kernel.name} on ${machine.name}`;
  const outcome = formatOutcome({ ...result, kernel, place, call }, { columns: Number.POSITIVE_INFINITY });
  const isRefused = 'refusal' in result;
  const body = html`<header>
<p class="tool">kexec-file plan</p>
<h1>${title}</h1>
<p class="outcome ${isRefused ? 'refused' : 'loads'}">${outcome}</p>
${facts.length === 0 ? NOTHING : html`<dl class="facts">${facts.map(formatFact)}</dl>`}
</header>
<main>
${formatPlanSections(result, machine, title)}
</main>`;
  return formatHtmlPage({ title, style: PLAN_PAGE_STYLE, body });
}

/**
 * What a page says about a plan below its outcome: refusal, warnings, segments, memory, changes of the device tree, every
 * check.
 *
 * @param title - of the picture of memory
 */
export function formatPlanSections(result: LoadResult, machine: Machine, title: string): Html {
  const { findings, memory, checks } = formatPlanParts(result, machine);
  const rows = buildMemoryRows(machine, 'refusal' in result ? undefined : result.kimage);
  return html`${findings}
<section>
<h2 id="memory">${nameMemory(rows)}</h2>
${formatMapDefinitions()}
<div class="picture">${[WIDE, NARROW].map((format) => new Html(drawEmbeddedMap(rows, { title, format })))}</div>
${memory}
</section>
${checks}`;
}

/** What a page says about a plan, for a page that draws the picture of memory itself. */
export interface PlanParts {
  /** Refusal or warnings, and segments. */
  readonly findings: Html;
  /** What stands below the picture; its samples of colours need {@link formatMapDefinitions}. */
  readonly memory: Html;
  /** Changes of the device tree, and every check. */
  readonly checks: Html;
}

export function formatPlanParts(result: LoadResult, machine: Machine): PlanParts {
  const isRefused = 'refusal' in result;
  const kimage = isRefused ? undefined : result.kimage;
  return {
    findings: html`${isRefused ? formatRefusalSection(result.refusal) : formatWarningSection(result.trail)}
${kimage === undefined ? NOTHING : formatSegments(kimage)}`,
    memory: formatMemoryBelow(machine, buildMemoryRows(machine, kimage)),
    checks: html`${kimage === undefined ? NOTHING : formatTreeSection(machine, kimage)}
${formatTrailSection(result.trail)}`,
  };
}

/** What stands below a picture of memory: what is not known of it, and the table. */
export function formatMemoryBelow(machine: Machine, rows: readonly MemoryRow[]): Html {
  return html`${describeUnknownMemory(machine).map((sentence) => html`<p>${sentence}</p>`)}
${formatMemoryTable(rows)}`;
}

/** The heading of a picture of memory. */
export function nameMemory(rows: readonly MemoryRow[]): string {
  return rows.some(({ segment }) => segment !== undefined)
    ? 'Physical memory, now and when the next kernel starts'
    : 'Physical memory';
}

/** What the pictures and tables of memory on a page need once: an element that is not shown. */
export function formatMapDefinitions(): Html {
  return html`<svg class="kexec-map definitions" aria-hidden="true">${new Html(drawDefinitions().join(''))}</svg>`;
}

function formatFact([name, text]: readonly [string, string]): Html {
  return html`<dt>${name}</dt><dd>${text}</dd>`;
}

function formatSegments(kimage: Kimage): Html {
  const columns = [
    { title: 'Segment' },
    { title: 'Start', className: 'figure' },
    { title: 'End', className: 'figure' },
    { title: 'In memory', className: 'number' },
    { title: 'Loaded', className: 'number' },
  ];
  const rows = kimage.segments.map((segment) => {
    const range = getSegmentRange(segment);
    const cells = [
      html`${segment.name}`,
      html`${hex(range.start)}`,
      html`${hex(range.end)}`,
      html`${formatSize(size(range))}`,
      html`${formatSize(segment.bytes.length)}`,
    ];
    return { cells };
  });
  return html`<section>
<h2>Segments</h2>
${formatHtmlTable(columns, rows, 'segments')}
<p>The CPU enters at <code>${hex(kimage.entry)}</code>. The rest of a segment's memory is zeros.</p>
</section>`;
}
