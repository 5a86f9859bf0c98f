import { formatDebianVersion } from './version.mjs';

/** The widest line of a Debian changelog. */
const COLUMNS = 79;

/**
 * Writes CHANGELOG.md in the form of deb-changelog(5).
 *
 * @param markdown - `## VERSION (DATE or unreleased)` before each release, `- ` before each change, a paragraph each
 * @param date - of what is unreleased, in seconds since 1970
 * @param maintainer - `NAME <ADDRESS>`
 */
export function formatDebianChangelog(markdown, date, maintainer) {
  const [, ...sections] = markdown.split(/^## /m);
  return sections.map((section) => formatRelease(section, date, maintainer)).join('\n');
}

function formatRelease(section, date, maintainer) {
  const [, version, released] = /^(\S+) \((unreleased|\d{4}-\d{2}-\d{2})\)\n/.exec(section) ?? [];
  if (version === undefined)
    throw new Error(`CHANGELOG.md: no version and date in "${section.split('\n')[0]}"`);
  const time = released === 'unreleased' ? new Date(date * 1000) : new Date(`${released}T12:00:00Z`);
  const [, ...changes] = section.split(/^- /m);
  return [
    `kexec-file (${formatDebianVersion(version)}) unstable; urgency=medium\n`,
    ...changes.map((change) => wrap(change.split(/\s+/).filter((word) => word !== ''))),
    // RFC 5322, as deb-changelog(5) wants it: Date's own form, with an offset in digits.
    `\n -- ${maintainer}  ${time.toUTCString().replace('GMT', '+0000')}\n`,
  ].join('\n');
}

/** Sets words in lines, the first with a bullet. */
function wrap(words) {
  const lines = [];
  let line = '  *';
  for (const word of words) {
    if (line.length + 1 + word.length > COLUMNS && line.trim().length > 1) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
