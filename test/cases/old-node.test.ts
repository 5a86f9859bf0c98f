/** What the command says on a Node that is too old. Node 12.22.12 and 18.20.8 print the same. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRun, makeTemporaryFolder } from '../support/cli.js';

/** Runs the command with another version in `process.versions`. */
function runWithVersion(version: string): CliRun {
  const script = join(makeTemporaryFolder(), 'version.cjs');
  const value = `{ ...process.versions, node: '${version}' }`;
  writeFileSync(script, `Object.defineProperty(process, 'versions', { value: ${value} });`);
  const args = ['--require', script, 'bin/kexec-file.js', '--version'];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

describe('on a Node that is too old', () => {
  const { engines, homepage } = JSON.parse(readFileSync('package.json', 'utf8'));

  it.each(['12.22.12', '18.20.8', '20.18.3'])('%s, the command says in one line what it needs', (version) => {
    const { status, stdout, stderr } = runWithVersion(version);
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toBe(
      `kexec-file needs Node ${engines.node.replace('>=', '')} or later, and this is Node ${version} ` +
        `(${process.execPath}); kexec-file-linux-${process.arch} needs no Node: ${homepage}\n`,
    );
  });

  it.each(['20.19.0', '24.0.0'])('the command runs on %s', (version) => {
    expect(runWithVersion(version)).toMatchObject({ status: 0, stderr: '' });
  });
});
