import { FIGURE_FONTS } from '../../src/view/palette.js';
import { PLAN_PAGE_STYLE } from '../../src/view/plan-page/plan-page-style.js';
import { ROW_HEIGHT } from './row-height.js';

/** The style sheet of the inspector: that of a plan, and what the inspector adds. */
export const INSPECTOR_STYLE = `${PLAN_PAGE_STYLE}
button, input { font: inherit; color: inherit; }
button { padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); cursor: pointer; }
input[type="file"] { max-width: 100%; }
.chooser { margin: 1rem 0; padding: 1rem; border: 2px dashed var(--line); border-radius: 8px; background: var(--raised); }
.chooser.over { border-color: var(--mark); }
.chooser label { display: inline-block; max-width: 100%; margin: .5rem 1.5rem 0 0; }
.file, .view { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.file > header, .view > header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; }
.file h2, .view h2 { margin: 0; overflow-wrap: anywhere; }
.title { font-weight: 600; overflow-wrap: anywhere; }
.facts > div { display: contents; }
.outcome p { margin: .25rem 0; }
summary { cursor: pointer; padding: .2rem 0; font-weight: 600; overflow-wrap: anywhere; }
.branch { padding-left: 1.25rem; border-left: 1px solid var(--line); margin-left: .3rem; }
.items { margin: .25rem 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.range { padding: 0; border: 0; background: none; color: var(--mark); text-decoration: underline; }
.hex { position: sticky; bottom: 0; margin-top: .75rem; padding: 0 .75rem .5rem; border: 1px solid var(--line); background: var(--page); }
.bytes { max-height: 14rem; overflow: auto; }
.hex pre { margin: 0; font: .75rem/1.5 ${FIGURE_FONTS}; }
.hex mark { background: var(--mark); color: var(--page); }
.take-along { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between; margin-top: .75rem; padding: .5rem .75rem; background: var(--raised); }
.take-along > div, .outputs { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; }
.take-along .command { flex-basis: 100%; }
a { color: var(--mark); }
.map { margin: 0; padding: 0; border: 0; min-width: 0; }
button[aria-disabled="true"] { color: var(--quiet); cursor: default; }
.picture .part { cursor: zoom-in; }
.view section h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
.view thead th { overflow-wrap: normal; }
.options { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; margin: .75rem 0; }
.options label { max-width: 100%; }
.options select, .options input:not([type="checkbox"]) { max-width: 100%; padding: .25rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--page); color: inherit; font: inherit; }
.options input[type="text"] { width: 22rem; }
.matches { padding: 0; list-style: none; }
.log { width: 100%; padding: .75rem; border: 1px solid var(--line); background: var(--raised); color: inherit; font: .8125rem/1.5 ${FIGURE_FONTS}; resize: vertical; }
.windowed { max-height: 60vh; overflow: auto; border: 1px solid var(--line); }
.windowed table, .windowed thead, .windowed tbody { display: block; margin: 0; }
.windowed thead { position: sticky; top: 0; z-index: 1; width: auto; height: auto; clip-path: none; background: var(--raised); }
.windowed tbody { position: relative; }
.windowed tr { display: grid; grid-template-columns: minmax(8rem, 16rem) 6rem 7rem 6rem minmax(10rem, 1fr); gap: .75rem; align-items: center; height: ${ROW_HEIGHT}px; padding: 0 .5rem; border-bottom: 1px solid var(--line); }
.windowed.crash tr { grid-template-columns: minmax(8rem, 16rem) 6rem 6rem minmax(10rem, 1fr); }
.windowed tbody tr { position: absolute; left: 0; right: 0; }
.windowed th, .windowed td { display: block; width: auto; padding: 0; border: 0; overflow: hidden; text-align: left; text-overflow: ellipsis; white-space: nowrap; }
.windowed td:empty { display: block; }
.windowed td::before, .windowed tbody th::before { content: none; }
.windowed thead button { padding: 0; border: 0; background: none; font-weight: 600; }
.windowed .verdict.loads { color: var(--good); }
.windowed .verdict.refused, .windowed .verdict.unreadable { color: var(--bad); }
.chosen { padding: 0 .75rem .75rem; border: 1px solid var(--line); border-top: 0; }
.licences { margin-top: 4rem; }
.licences pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8125rem; }
@media (max-width: 40rem) {
  .branch { padding-left: .5rem; }
  .facts { grid-template-columns: fit-content(45%) minmax(0, 1fr); }
  .facts dt { overflow-wrap: anywhere; }
  .windowed tr, .windowed.crash tr { grid-template-columns: minmax(0, 1fr) 6rem; }
  .windowed td.crash, .windowed th.crash, .windowed .ram, .windowed .why { display: none; }
}
`;
