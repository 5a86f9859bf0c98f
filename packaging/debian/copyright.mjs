/**
 * Writes a package's copyright file in the machine-readable form:
 * https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 */

const FORMAT = 'https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/';

/** SPDX identifiers for which the form has a name of its own. */
const SHORT_NAMES = { MIT: 'Expat' };

/**
 * Formats the file.
 *
 * @param publisher - name and homepage of this project
 * @param year - of the copyright
 * @param components - what else is in the package: `name`, `version`, `license` (SPDX) and `text`
 */
export function formatCopyright({ name, homepage }, year, components) {
  return [
    formatFields({ Format: FORMAT, 'Upstream-Name': 'kexec-file', Source: homepage }),
    formatFields({
      Files: '*',
      Copyright: `${year} ${name}`,
      License: [
        'Apache-2.0',
        'On Debian systems, /usr/share/common-licenses/Apache-2.0 has the text of the Apache',
        'License, version 2.0.',
      ],
    }),
    ...components.map(formatComponent),
  ].join('\n');
}

function formatComponent({ name, version, license, text }) {
  return formatFields({
    Files: `${name}/*`,
    Copyright: findHolders(name, text),
    License: [SHORT_NAMES[license] ?? license, ...text.trimEnd().split('\n')],
    Comment: `${name} ${version}, which is part of /usr/bin/kexec-file.`,
  });
}

/** The lines of a licence's text that name holders of the copyright. */
function findHolders(name, text) {
  const lines = text.split('\n').map((line) => line.replaceAll(/^[\s*#"]+|[\s"]+$/g, ''));
  const holders = lines
    .map((line) => /^(?:copyright\b|\(c\)|©)[:\s]*(?:\(c\)|©)?\s*((?:\d{4}|[A-Z]).*)$/i.exec(line)?.[1])
    .filter(
      (line) => line !== undefined && !/^(notice|holders?|owners?|and|law|license|statement)\b/i.test(line),
    );
  if (holders.length === 0) throw new Error(`the licence of ${name} names no holder of the copyright`);
  return [...new Set(holders)];
}

/** A paragraph of fields: further lines are indented, and an empty one is a full stop. */
function formatFields(fields) {
  return Object.entries(fields)
    .flatMap(([name, value]) => {
      const [first, ...rest] = [value].flat();
      return [`${name}: ${first}`, ...rest.map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))];
    })
    .map((line) => `${line}\n`)
    .join('');
}
