/** The built command on the machine of a 5.4 kernel, whose kexec_file_load is older than that of Linux 6.12. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';

const CASE = 'test/cases/field/20-signature-fatal-before-5.9/sig-noimg';

/** A folder with the recorded machine, the same machine with Linux 6.12, and an Image. */
function prepare(): { old: string; newer: string; kernel: string } {
  const folder = makeTemporaryFolder();
  const old = join(folder, 'old.json');
  const newer = join(folder, 'newer.json');
  const kernel = join(folder, 'Image');
  expect(runCli('machine', 'record', '--from', CASE, '-o', old).status).toBe(0);
  const machine = JSON.parse(readFileSync(old, 'utf8'));
  machine.kernel = { ...machine.kernel, release: '6.12.117' };
  writeFileSync(newer, JSON.stringify(machine));
  writeFileSync(kernel, buildImage());
  return { old, newer, kernel };
}

it('plan and explain name whose rules decide, and doctor names what the kernel lacks', () => {
  const { old, newer, kernel } = prepare();
  const rules = /the rules are those of 5\.4\S*: .*\(before Linux 5\.10\).*\(before Linux 5\.13\)/;
  const planned = runCli('plan', kernel, '--machine', old, '--json');
  expect(planned.status, planned.stderr).toBe(0);
  const { trail } = JSON.parse(planned.stdout);
  const details = (check: string): string[] =>
    trail
      .filter((entry: { check: string }) => entry.check === check)
      .map(({ detail }: { detail: string }) => detail);
  expect(details('placement-rules')).toEqual([expect.stringMatching(rules)]);

  for (const args of [
    ['--machine', newer],
    ['--machine', old, '--rules', '6.12'],
    ['--machine', old, '--syscall', 'segments'],
  ]) {
    const { stdout, status } = runCli('plan', kernel, ...args);
    expect(status).toBe(0);
    expect(stdout).not.toContain('the rules are those of');
  }
  expect(runCli('explain', kernel, '--machine', old).stdout.replaceAll(/\s+/g, ' ')).toMatch(rules);

  const { stdout } = runCli('doctor', '--machine', old);
  const text = stdout.replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/kexec_file_load of 5\.4\S* loads no crash kernels/);
  expect(text).toMatch(/kexec_file_load of 5\.4\S* is older than that of Linux 6\.12/);
});
