/**
 * Writes docs/errors.md out of the checks, which tell all that is in it:
 *
 *   node scripts/errors.mjs            writes it
 *   node scripts/errors.mjs --check    compares it with what is checked in: exit code 1 if they differ
 *
 * It reads dist, which `npm run build` makes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_GROUPS } from '../dist/base/checks.js';
import { ERRNO } from '../dist/base/errno.js';
import { ERRNO_TEXT } from '../dist/explain/errno-text.js';
import { FILE_LOAD_ERRNOS, SEGMENT_LOAD_ERRNOS } from '../dist/kexec/call-errnos.js';
import { ROOT } from './setup/files.mjs';

const PATH = join(ROOT, 'docs/errors.md');

const INTRODUCTION = `<!-- Made by scripts/errors.mjs out of src/base/checks; do not edit. -->

# Errors

Every refusal names a _check_ and an errno, and says what was seen, where, the rule, who sets the rule, and the cure:

    refused: EINVAL (image-granule)
      seen  the Image uses 64K pages; the CPUs have 4K, 16K (at offset 0x18)
      rule  the CPUs have the Image's translation granule
      from  image_load()
      cure  take a kernel with pages that the CPUs have (CONFIG_ARM64_4K_PAGES, _16K_PAGES or _64K_PAGES)

\`kexec-file explain KERNEL --machine MACHINE\` tells the same of every check of a load, \`kexec-file explain --errno EINVAL\`
which checks can be behind an errno, and \`kexec-file explain --log FILE\` what a kernel's log says. Kernel functions are
those of Linux 6.12.`;

/** What is between two bars of a table. */
const cell = (text) => text.replaceAll('|', '\\|');
const link = (check) => `[\`${check}\`](#${check})`;
const checks = Object.values(CHECK_GROUPS).flatMap((group) => Object.entries(group));

function errnoRow([name, number]) {
  const behind = checks.filter(([, { errnos }]) => errnos.includes(name)).map(([check]) => link(check));
  return `| \`${name}\` | ${number} | ${ERRNO_TEXT[name]} | ${behind.join(', ')} |`;
}

function meaningRows(meanings) {
  return Object.entries(meanings)
    .map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`)
    .join('\n');
}

function checkText([check, { rule, source, errnos, cure }]) {
  const ends = errnos.length === 0 ? 'it only notes' : errnos.map((errno) => `\`${errno}\``).join(', ');
  return `### ${check}

- rule: ${rule}
- from: ${source}
- errno: ${ends}
- cure: ${cure}`;
}

function groupText([group, table]) {
  return [`## Checks: ${group}`, ...Object.entries(table).map(checkText)].join('\n\n');
}

const page = `${INTRODUCTION}

## By errno

| errno | number | perror(3) | checks |
| --- | --- | --- | --- |
${Object.entries(ERRNO).map(errnoRow).join('\n')}

What the kernel gives them for, as a whole:

| kexec_file_load(2) | where |
| --- | --- |
${meaningRows(FILE_LOAD_ERRNOS)}

| kexec_load(2) | where |
| --- | --- |
${meaningRows(SEGMENT_LOAD_ERRNOS)}

${Object.entries(CHECK_GROUPS).map(groupText).join('\n\n')}
`;

if (!process.argv.includes('--check')) {
  writeFileSync(PATH, page);
} else if (readFileSync(PATH, 'utf8') !== page) {
  process.stderr.write('docs/errors.md is not what the checks say: npm run errors\n');
  process.exitCode = 1;
}
