import { BASE_STYLE } from '../../view/html/base-style.js';
import { FIGURE_FONTS, OCHRE, OKABE_ITO, TEXT_FONTS } from '../../view/palette.js';

/** The page's style sheet: that of all pages, and what this one has besides. */
export const PAGE_STYLE = `${BASE_STYLE}
:root {
  --loads: var(--good); --refused: var(--bad); --unreadable: var(--note);
  --loads-bar: ${OKABE_ITO.green}; --refused-bar: ${OKABE_ITO.vermilion}; --unreadable-bar: ${OCHRE};
}
@media screen and (prefers-color-scheme: dark) {
  :root { --loads-bar: #1c9c76; --refused-bar: #d8702a; --unreadable-bar: #b89d2c; }
}
body { max-width: 84rem; }
.tool, .facts, .file, .cure { color: var(--quiet); }
.tool { margin: 0 0 .25rem; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0 0; }
.facts div { display: flex; gap: .5rem; min-width: 0; }
.facts dd { margin: 0; color: var(--text); overflow-wrap: anywhere; min-width: 0; }
.address { font-family: ${FIGURE_FONTS}; font-size: .875em; }
.counts { display: flex; flex-wrap: wrap; gap: 0 3rem; margin: 2rem 0 .75rem; padding: 0; list-style: none; }
.counts strong { display: block; font-size: 2.5rem; line-height: 1.15; font-weight: 600; font-variant-numeric: tabular-nums; }
.counts .loads strong { color: var(--loads); }
.counts .refused strong { color: var(--refused); }
.counts .unreadable strong { color: var(--unreadable); }
.counts .none strong { color: var(--quiet); font-weight: 400; }
.bar { display: block; width: 100%; height: 10px; border-radius: 5px; background: var(--line); }
.bar .loads { fill: var(--loads-bar); }
.bar .refused { fill: var(--refused-bar); }
.bar .unreadable { fill: var(--unreadable-bar); }
.crash { margin: .75rem 0 0; }
th, td { padding: .5rem .75rem; }
thead th { white-space: nowrap; background: var(--page); }
.causes { table-layout: fixed; }
.causes th:first-child { width: 18rem; }
.causes th:nth-child(2) { width: 28%; }
.causes th:last-child { width: 6.5rem; }
#machines, .groups { table-layout: fixed; }
#machines thead { position: sticky; top: 0; z-index: 1; }
#machines thead th { border-bottom: 0; box-shadow: inset 0 -1px var(--line); }
#machines tbody tr:hover { background: var(--raised); }
th.machine { width: 28%; } th.verdict { width: 8.5rem; } th.ram { width: 6.5rem; } th.place { width: 8.5rem; }
th.region { width: 18rem; } th.change { width: 12rem; }
.compared th.machine { width: auto; } .compared th.verdict, .compared th.place { width: 7.5rem; }
.compared th.region { width: 11rem; }
.file { display: block; font-size: .8125rem; font-weight: 400; }
.state { white-space: nowrap; }
.state::before { display: inline-block; width: 1.25em; font-weight: 600; }
.state.loads { color: var(--loads); } .state.loads::before { content: "\\2713"; }
.state.refused { color: var(--refused); } .state.refused::before { content: "\\2715"; }
.state.unreadable { color: var(--unreadable); } .state.unreadable::before { content: "?"; }
details summary { cursor: pointer; }
#controls { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 0 0 .75rem; }
#controls[hidden] { display: none; }
#controls output { color: var(--quiet); margin-left: auto; }
input, select, button { font: inherit; color: inherit; }
input, select { padding: .35rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); }
input { width: min(24rem, 100%); }
button { padding: 0; border: 0; background: none; cursor: pointer; text-align: inherit; }
.causes button { text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: .25em; }
.causes button:hover { text-decoration-color: currentcolor; }
th[aria-sort] button::after { content: ""; display: inline-block; width: 1.25em; text-align: center; }
th[aria-sort="ascending"] button::after { content: "\\2191"; }
th[aria-sort="descending"] button::after { content: "\\2193"; }
.changes { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: 0; padding: 0; list-style: none; }
.changes strong, .change span { font-weight: 600; font-variant-numeric: tabular-nums; }
.stopped strong, .crashStopped strong, .change .stopped, .change .crashStopped { color: var(--refused); }
.started strong, .crashStarted strong, .change .started, .change .crashStarted { color: var(--loads); }
.change .unchanged { color: var(--quiet); font-weight: 400; }
@media (max-width: 68rem) {
  body { padding: 1.5rem 1rem 3rem; }
  .counts { gap: 0 2rem; }
  .facts { display: block; }
  .facts div { padding: .1rem 0; }
  .facts dt { flex: 0 0 7rem; }
  input, select { width: 100%; }
  #controls output { margin-left: 0; }
  table, tbody, tr { display: block; width: 100%; }
  .causes thead, .groups thead { display: none; }
  #machines thead { display: block; position: static; }
  #machines thead tr { display: flex; flex-wrap: wrap; gap: 0 1rem; }
  #machines thead th { padding: .25rem 0; width: auto; box-shadow: none; }
  tbody tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  tbody th, tbody td { display: block; width: auto; padding: .1rem 0; border: 0; text-align: left; }
  tbody td:empty { display: none; }
  tbody td.number, td.address { display: flex; gap: .5rem; text-align: left; white-space: normal; }
  td.ram:empty { display: none; }
  td.number::before, td.address::before, td.region::before, td.change::before {
    flex: 0 0 7rem; color: var(--quiet); font: 400 .8125rem/1.7 ${TEXT_FONTS};
  }
  td.ram::before { content: "RAM"; } td.kernel::before { content: "Kernel"; }
  td.initrd::before { content: "Initrd"; } td.dtb::before { content: "Device tree"; }
  td.region::before { content: "As a crash kernel"; margin-right: .75rem; }
  td.change::before { content: "Change"; margin-right: .75rem; }
  .causes td.number::before { content: "Machines"; }
  tr[hidden] { display: none; }
}
@media print { #controls { display: none; } #machines thead { position: static; } }
`;
