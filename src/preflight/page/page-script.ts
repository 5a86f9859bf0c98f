/** The script that filters and sorts the rows. Without it, the page shows all rows in the order of the files. */
export const PAGE_SCRIPT = `
'use strict';
const table = document.querySelector('#machines');
const body = table.tBodies[0];
const controls = document.querySelector('#controls');
const { search, state, shown } = controls.elements;
const rows = [...body.rows];
const texts = new Map();
const figure = (number) => number.toLocaleString('en');

function textOf(row) {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
}

function filter() {
  const wanted = search.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    const { verdict, crash, change } = row.dataset;
    const isShown = ['', verdict, crash, change].includes(state.value) && textOf(row).includes(wanted);
    row.hidden = !isShown;
    if (isShown) count += 1;
  }
  shown.value = figure(count) + ' of ' + figure(rows.length) + ' shown';
}

/** A reason spans several cells, which then have no key to sort by. */
function keyOf(row, column) {
  let at = 0;
  for (const cell of row.cells) {
    if (column < at + cell.colSpan) return cell.colSpan > 1 ? '' : (cell.dataset.key ?? cell.textContent);
    at += cell.colSpan;
  }
  return '';
}

const collator = new Intl.Collator('en', { numeric: true });

function compare(a, b) {
  if (a === '' || b === '') return Number(a === '') - Number(b === '');
  if (a.startsWith('0x') && b.startsWith('0x')) return a.length - b.length || Number(a > b) - Number(a < b);
  return collator.compare(a, b);
}

function sort(head) {
  const descends = head.ariaSort === 'ascending';
  for (const other of head.parentElement.cells) other.ariaSort = 'none';
  head.ariaSort = descends ? 'descending' : 'ascending';
  const keyed = rows.map((row) => [keyOf(row, head.cellIndex), row]);
  keyed.sort(([a], [b]) => (descends && a !== '' && b !== '' ? compare(b, a) : compare(a, b)));
  const sorted = document.createDocumentFragment();
  for (const [, row] of keyed) sorted.append(row);
  body.append(sorted);
}

function makeButton(element, action) {
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...element.childNodes);
  button.addEventListener('click', action);
  element.append(button);
}

for (const head of table.tHead.rows[0].cells) {
  head.ariaSort = 'none';
  makeButton(head, () => sort(head));
}
for (const cause of document.querySelectorAll('.causes .cause')) {
  makeButton(cause, () => {
    search.value = cause.textContent;
    state.value = '';
    filter();
    controls.scrollIntoView();
  });
}
search.addEventListener('input', filter);
state.addEventListener('input', filter);
controls.addEventListener('submit', (event) => event.preventDefault());
controls.hidden = false;
filter();
`;
