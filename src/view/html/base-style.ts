import { DARK, FIGURE_FONTS, LIGHT, OKABE_ITO, TEXT_FONTS } from '../palette.js';

/** The style of every page: light or dark, as the reader's browser prefers; on paper, light. */
export const BASE_STYLE = `
:root {
  color-scheme: light dark;
  --page: ${LIGHT.page}; --raised: #f6f8fa; --line: #d8dee4; --text: ${LIGHT.text}; --quiet: ${LIGHT.quiet};
  --good: #00785a; --bad: #b84a00; --note: #7d6608; --mark: ${OKABE_ITO.blue};
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: ${DARK.page}; --raised: #161b22; --line: #30363d; --text: ${DARK.text}; --quiet: ${DARK.quiet};
    --good: #3fc79a; --bad: #ff9a52; --note: #e3c94f; --mark: ${OKABE_ITO.skyBlue};
  }
}
@media print { :root { color-scheme: light; } }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 76rem; padding: 2.5rem 2rem 4rem; background: var(--page); color: var(--text);
  font: 15px/1.5 ${TEXT_FONTS};
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.1rem; break-after: avoid; }
p { margin: .5rem 0; }
code, .figure { font-family: ${FIGURE_FONTS}; font-size: .875em; overflow-wrap: anywhere; }
small, .quiet { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; }
th, td {
  padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: baseline; font-weight: 400;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
}
thead th { color: var(--quiet); font-size: .8125rem; }
tbody th { font-weight: 600; }
tr { break-inside: avoid; }
.number { padding-right: 1.5rem; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@media (max-width: 40rem) { body { padding: 1.25rem 1rem 3rem; } h1 { font-size: 1.35rem; } }
@media print { body { padding: 0; max-width: none; font-size: 10pt; } }
`;
