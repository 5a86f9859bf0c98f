/** Reports for pipelines, by the built command. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { parseCsv } from '../support/csv.js';
import { buildMachine, GIB, MIB } from '../support/machine.js';
import { parseSarif } from '../support/sarif.js';

const WITNESS = 'test/witness/witness.Image';

/** A folder with a machine that loads the kernel, one that does not, and one whose file is damaged. */
function writeFleet(): string {
  const fleet = join(makeTemporaryFolder(), 'fleet');
  mkdirSync(fleet);
  writeFileSync(join(fleet, 'a.json'), formatMachine(buildMachine()));
  const small = { name: '=cmd|"x"\n<a>', memory: [{ start: GIB, end: GIB + MIB }] };
  writeFileSync(join(fleet, 'b.json'), formatMachine(buildMachine(small)));
  writeFileSync(join(fleet, 'c.json'), '{}');
  return fleet;
}

describe('preflight --format', () => {
  it('prints the report alone, and exits as without it', () => {
    const fleet = writeFleet();
    const sarif = runCli('preflight', WITNESS, fleet, '--format', 'sarif');
    expect([sarif.status, sarif.stderr]).toEqual([1, '']);
    expect(parseSarif(sarif.stdout).runs[0].results.map(({ ruleId }) => ruleId)).toEqual([
      'segment-hole',
      'machine-schema',
    ]);
    const csv = runCli('preflight', WITNESS, fleet, '--format', 'csv');
    expect(csv.status).toBe(1);
    expect(parseCsv(csv.stdout).map(([, machine, verdict]) => [machine, verdict])).toEqual([
      ['machine', 'verdict'],
      ['test', 'loads'],
      [`'=cmd|"x"\\n<a>`, 'refused'],
      ['', 'unreadable'],
    ]);
    const junit = runCli('preflight', WITNESS, fleet, '--format', 'junit');
    expect([junit.status, junit.stderr]).toEqual([1, '']);
    expect(junit.stdout).toMatch(
      /^<\?xml .*\n<testsuites>\n<testsuite .* tests="3" failures="1" errors="1" /,
    );
    expect(junit.stdout).toMatch(/<\/testsuites>\n$/);
    expect(runCli('preflight', WITNESS, 'qemu-virt', '--format', 'junit').status).toBe(0);
  });

  it.each(['sarif', 'junit', 'csv'])(
    '%s: with -o, writes the same into a file, and prints the table',
    (format) => {
      const fleet = writeFleet();
      const file = join(makeTemporaryFolder(), 'report');
      const { status, stdout, stderr } = runCli('preflight', WITNESS, fleet, '--format', format, '-o', file);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/report: a report on 3 machines, /)]);
      expect(stdout).toMatch(/^MACHINE +VERDICT/);
      const printed = runCli('preflight', WITNESS, fleet, '--format', format).stdout;
      const omitTimes = (text: string): string => text.replace(/ timestamp="[^"]*"| time="[^"]*"/g, '');
      expect(omitTimes(readFileSync(file, 'utf8'))).toBe(omitTimes(printed));
      // Nothing is replaced unasked.
      expect(runCli('preflight', WITNESS, fleet, '--format', format, '-o', file).status).toBe(1);
      expect(
        runCli('preflight', WITNESS, 'qemu-virt', '--format', format, '-o', file, '--force').status,
      ).toBe(0);
    },
  );

  it('writes nothing if the kernel is none', () => {
    const file = join(makeTemporaryFolder(), 'report');
    const { status, stdout } = runCli(
      'preflight',
      'package.json',
      'qemu-virt',
      '--format',
      'sarif',
      '-o',
      file,
    );
    expect([status, stdout, existsSync(file)]).toEqual([1, '', false]);
  });

  it.each([
    ['--format', 'xml'],
    ['--format', 'sarif', '--json'],
    ['-o', 'report'],
  ])('refuses as wrong usage: %s %s %s', (...options) => {
    expect(runCli('preflight', WITNESS, 'qemu-virt', ...options)).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('verify --format sarif', () => {
  it('has a result for each file that is not trusted', () => {
    const { status, stdout, stderr } = runCli('verify', WITNESS, 'no such file', '--format', 'sarif');
    expect([status, stderr]).toEqual([1, '']);
    const { results } = parseSarif(stdout).runs[0];
    expect(results.map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri)).toEqual([
      WITNESS,
      'no%20such%20file',
    ]);
    expect(results[1]).toMatchObject({ ruleId: 'file-access', level: 'error' });
  });

  it('with -o, writes it into a file, and prints the verdicts', () => {
    const file = join(makeTemporaryFolder(), 'report');
    const { status, stderr } = runCli('verify', WITNESS, '--format', 'sarif', '-o', file);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/a report on 1 file, /)]);
    expect(parseSarif(readFileSync(file, 'utf8')).runs[0].results).toHaveLength(1);
    expect(runCli('verify', WITNESS, '--format', 'sarif', '--trail').status).toBe(2);
    expect(runCli('verify', WITNESS, '-o', file).status).toBe(2);
  });
});
