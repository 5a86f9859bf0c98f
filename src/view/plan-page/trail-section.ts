import { CHECKS } from '../../base/checks.js';
import type { KexecError } from '../../base/error.js';
import { formatRange } from '../../base/range.js';
import type { TrailEntry, TriedHole } from '../../base/trail.js';
import { listWarnings } from '../../base/warnings.js';
import { type Html, html, NOTHING } from '../html/html.js';
import { formatHtmlTable } from '../html/html-table.js';

/** A check that was refused: what was seen, the rule, whose rule it is, and what to do. */
export function formatRefusalSection({ errno, check, seen, cure }: KexecError): Html {
  const { rule, source } = CHECKS[check];
  return html`<section>
<h2>Refused: ${errno} (${check})</h2>
<dl class="facts">
<dt>Seen</dt><dd>${seen}</dd>
<dt>Rule</dt><dd>${rule}</dd>
<dt>From</dt><dd>${source}</dd>
<dt>Cure</dt><dd><strong>${cure}</strong></dd>
<dt>More</dt><dd><code>kexec-file explain ${check}</code></dd>
</dl>
</section>`;
}

/** What strands the next kernel, and what to do. Nothing if there are no warnings. */
export function formatWarningSection(trail: readonly TrailEntry[]): Html {
  const warnings = listWarnings(trail);
  if (warnings.length === 0) return NOTHING;
  return html`<section>
<h2>Warnings</h2>
<ul class="warnings">${warnings.map(
    ({ check, detail, cure = CHECKS[check].cure }) =>
      html`<li>${detail} <small>(${check}; cure: ${cure})</small></li>`,
  )}</ul>
</section>`;
}

/** Every check in the kernel's order: what was seen, and once for entries that follow each other, the rule. */
export function formatTrailSection(trail: readonly TrailEntry[]): Html {
  const columns = [{ title: 'Check' }, { title: 'Seen' }, { title: 'Rule' }];
  const rows = listRuns(trail).map((entries) => {
    const check = (entries[0] as TrailEntry).check;
    const { rule, source } = CHECKS[check];
    const cells = [
      html`<code>${check}</code>`,
      html`<ul class="seen">${entries.map(formatEntry)}</ul>`,
      html`${rule} <small>(${source})</small>`,
    ];
    return { cells };
  });
  return html`<section>
<h2>Checks, in the kernel's order</h2>
${formatHtmlTable(columns, rows, 'trail')}
</section>`;
}

/** Entries of the same check that follow each other. */
function listRuns(trail: readonly TrailEntry[]): TrailEntry[][] {
  const runs: TrailEntry[][] = [];
  for (const entry of trail) {
    const last = runs.at(-1);
    if (last?.[0]?.check === entry.check) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** More of the ranges that a search examined are counted, and not listed. */
const MAX_HOLES = 50;

function formatEntry({ verdict, errno, detail, holes = [], cure }: TrailEntry): Html {
  const texts = [
    ...(errno === undefined ? [] : [html`<code>${errno}</code>`]),
    html`${detail}`,
    ...(cure === undefined ? [] : [html`<small>Cure: ${cure}</small>`]),
  ];
  return html`<li><span class="verdict ${verdict}">${verdict}</span><div>${texts}${formatHoles(holes)}</div></li>`;
}

function formatHoles(holes: readonly TriedHole[]): Html {
  if (holes.length === 0) return NOTHING;
  const listed = holes
    .slice(0, MAX_HOLES)
    .map(({ range, why }) => html`<li><code>${formatRange(range)}</code>: ${why}</li>`);
  const unlisted = holes.length - listed.length;
  return html`<ul>${listed}${unlisted > 0 ? html`<li>and ${unlisted} more</li>` : NOTHING}</ul>`;
}
