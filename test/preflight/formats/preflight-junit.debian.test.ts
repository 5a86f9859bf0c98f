import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FleetRow } from '../../../src/preflight/compare/compare-rows.js';
import { buildPreflightJunit } from '../../../src/preflight/formats/preflight-junit.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildRow, LOADS, NO_FILE, REFUSED } from '../samples.js';
import { COMPARED, FLEET, formatDocument, KERNEL } from './samples.js';

/** Of the Jenkins plugin xunit, under the MIT licence. */
const SCHEMA = 'test/data/junit/jenkins-junit.xsd';

/** Throws if the report is not valid. */
function validate(fleet: readonly FleetRow[], kernel = KERNEL): void {
  const path = join(makeTemporaryFolder(), 'report.xml');
  writeFileSync(path, formatDocument(buildPreflightJunit(kernel, '1.2.3', new Date()), fleet));
  execFileSync('xmllint', ['--noout', '--nonet', '--schema', SCHEMA, path], { stdio: 'pipe' });
}

it('reports are valid by the schema of Jenkins', () => {
  validate(FLEET);
  validate(COMPARED);
  validate([{ row: buildRow('fine', LOADS) }]);
});

it('the schema finds a report that is not', () => {
  const path = join(makeTemporaryFolder(), 'report.xml');
  writeFileSync(path, '<testsuites><testsuite name="x"/></testsuites>');
  expect(() => execFileSync('xmllint', ['--noout', '--schema', SCHEMA, path], { stdio: 'pipe' })).toThrow(
    /tests/,
  );
});

it('reports are valid, whatever machines are called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      const name = `${text}"/></testcase><![CDATA[ ]]>&lt;`;
      const unreadable = { file: name, unreadable: { ...NO_FILE, detail: name } };
      validate([{ row: buildRow(name, REFUSED) }, { row: unreadable }], { ...KERNEL, file: name });
    }),
    { numRuns: 20 },
  );
});
