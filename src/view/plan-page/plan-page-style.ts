import { BASE_STYLE } from '../html/base-style.js';

/** The style sheet of a plan's page. Narrow tables become blocks, each cell with the name of its column. */
export const PLAN_PAGE_STYLE = `${BASE_STYLE}
.tool { margin: 0 0 .25rem; color: var(--quiet); }
.outcome { margin: .75rem 0 0; padding: .75rem 1rem; border-left: 4px solid var(--good); background: var(--raised); overflow-wrap: anywhere; }
.outcome.refused { border-color: var(--bad); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.25rem; margin: .75rem 0 0; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
.verdict.ok, .added { color: var(--good); }
.verdict.note, .changed { color: var(--note); }
.verdict.refused, .removed { color: var(--bad); }
.added, .changed, .removed { overflow-wrap: normal; }
.warnings { margin: 0; padding-left: 2rem; border-left: 4px solid var(--note); }
.seen { margin: 0; padding: 0; list-style: none; }
.seen > li { display: grid; grid-template-columns: 4.25rem minmax(0, 1fr); overflow-wrap: anywhere; }
.seen > li + li { margin-top: .35rem; }
.seen ul { margin: .25rem 0 0; padding-left: 1.25rem; }
.trail td:first-child, .trail th:first-child { width: 13rem; }
.trail td:last-child { width: 34%; color: var(--quiet); }
.definitions { position: absolute; width: 0; height: 0; }
.picture svg { display: block; max-width: 100%; height: auto; margin-left: -28px; }
.picture .narrow { display: none; }
.swatch { width: 1.5rem; height: .85rem; margin-right: .5rem; vertical-align: -1px; }
.use { white-space: nowrap; }
.loaded { background: var(--raised); }
.before { text-decoration: line-through; text-decoration-color: var(--quiet); }
@media screen and (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr { display: block; }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  tbody th, td, .trail td:first-child, .trail td:last-child { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .5rem; width: auto; padding: .1rem 0; border: 0; text-align: left; }
  tbody th::before, td::before { content: attr(data-label); color: var(--quiet); font-size: .8125rem; font-weight: 400; }
  td:empty { display: none; }
  .facts { grid-template-columns: 5rem minmax(0, 1fr); gap: .25rem .75rem; }
  .use { white-space: normal; }
  td.number { text-align: left; padding-right: 0; }
  .picture .wide { display: none; }
  .picture .narrow { display: block; margin-left: -4px; }
  .memory tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1rem; }
  .memory tbody th, .memory td:not(:empty) { display: block; }
  .memory tbody th::before, .memory td::before { margin-right: .5rem; }
  .memory .cell { display: inline; }
  .seen > li { grid-template-columns: 3.5rem minmax(0, 1fr); }
}
@media print {
  .picture { break-inside: avoid; }
  .picture svg { max-height: 24cm; margin-left: 0; }
}
`;
