/** The separators that have a meaning: `~` comes before the end of a version, `-`, `^` and `.` after it. */
const MARKS = ['~', '-', '^', '.'] as const;

/**
 * Compares two versions: UAPI.10 Version Format Specification, which the Boot Loader Specification refers to.
 *
 * @returns below 0 if `a` is older, above 0 if it is newer
 */
export function compareVersions(a: string, b: string): number {
  let left = a;
  let right = b;
  for (;;) {
    left = left.replace(/^[^a-zA-Z0-9~\-^.]+/, '');
    right = right.replace(/^[^a-zA-Z0-9~\-^.]+/, '');
    if (left.startsWith('~') !== right.startsWith('~')) return left.startsWith('~') ? -1 : 1;
    if (left === '' || right === '') return Number(left !== '') - Number(right !== '');
    const mark = MARKS.find((each) => left.startsWith(each) || right.startsWith(each));
    if (mark !== undefined) {
      const has = [left.startsWith(mark), right.startsWith(mark)];
      if (has[0] !== has[1]) return has[0] === true ? -1 : 1;
      left = left.slice(1);
      right = right.slice(1);
      continue;
    }
    const pattern = /^\d/.test(left) || /^\d/.test(right) ? /^\d*/ : /^[a-zA-Z]*/;
    const [leftPart = ''] = pattern.exec(left) ?? [];
    const [rightPart = ''] = pattern.exec(right) ?? [];
    const order =
      /^\d/.test(leftPart) || /^\d/.test(rightPart)
        ? compareNumbers(leftPart, rightPart)
        : compareText(leftPart, rightPart);
    if (order !== 0) return order;
    left = left.slice(leftPart.length);
    right = right.slice(rightPart.length);
  }
}

/** Numbers of any length; no number is the smallest. */
function compareNumbers(a: string, b: string): number {
  if (a === '' || b === '') return Number(a !== '') - Number(b !== '');
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || compareText(left, right);
}

/** Orders texts by their code units: capital letters come first. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
