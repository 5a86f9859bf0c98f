/** The script of the GitHub Action, with a release in a folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { parseSarif } from '../support/sarif.js';

const WITNESS = resolve('test/witness/witness.Image');
const FILE = `kexec-file-linux-${process.arch}`;

/** Runs the script. @param sums - contents of SHA256SUMS, from the digest of the executable */
function runAction(inputs: Record<string, string>, sums = (digest: string) => `${digest}  ${FILE}\n`) {
  const folder = makeTemporaryFolder();
  const release = join(folder, 'release');
  mkdirSync(release);
  const program = `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/kexec-file.js')}' "$@"\n`;
  writeFileSync(join(release, FILE), program);
  writeFileSync(join(release, 'SHA256SUMS'), sums(createHash('sha256').update(program).digest('hex')));
  // In place of GitHub's command, which is on every runner: copies the release into the folder after --dir.
  const gh = '#!/bin/sh\nwhile [ "$1" != --dir ]; do shift; done\ncp "$RELEASE"/* "$2"\n';
  writeFileSync(join(folder, 'gh'), gh);
  chmodSync(join(folder, 'gh'), 0o755);
  const { status, stdout, stderr } = spawnSync('bash', [resolve('packaging/action/run.sh')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...{ PATH: `${folder}:${process.env.PATH}`, RELEASE: release, RUNNER_TEMP: folder },
      ...{ GITHUB_OUTPUT: join(folder, 'output'), INPUT_REPOSITORY: 'owner/repository' },
      ...{ INPUT_COMMAND: 'preflight', INPUT_VERSION: 'v1', INPUT_SHA256: '', INPUT_SARIF: 'x.sarif' },
      ...inputs,
    },
  });
  const output = existsSync(join(folder, 'output')) ? readFileSync(join(folder, 'output'), 'utf8') : '';
  return { folder, status, stdout, stderr, output };
}

describe('the action', () => {
  it('runs a command and writes its report', () => {
    const { folder, status, output } = runAction({
      INPUT_ARGUMENTS: `${WITNESS}\nqemu-virt\nno such file\n`,
    });
    expect([status, output]).toEqual([1, 'sarif=x.sarif\n']);
    expect(parseSarif(readFileSync(join(folder, 'x.sarif'), 'utf8')).runs[0].results).toHaveLength(1);
  });

  it('takes arguments as they are, never as a script', () => {
    const { folder, status } = runAction({ INPUT_ARGUMENTS: `${WITNESS}\n$(touch run); \`touch run\` "` });
    expect([status, existsSync(join(folder, 'run'))]).toEqual([1, false]);
  });

  it('has no report if the kernel is refused before', () => {
    expect(runAction({ INPUT_ARGUMENTS: 'no such kernel\nqemu-virt' })).toMatchObject({
      status: 1,
      output: '',
    });
  });

  it.each([
    ['another digest', {}, () => `${'0'.repeat(64)}  ${FILE}\n`],
    ['no line for the file', {}, () => ''],
    ['two lines for the file', {}, (digest: string) => `${digest}  ${FILE}\n${digest}  ${FILE}\n`],
    ['another digest in the input', { INPUT_SHA256: '1'.repeat(64) }, undefined],
    ['a version that is no tag', { INPUT_VERSION: '../v1' }, undefined],
    ['a repository that is an option', { INPUT_REPOSITORY: '--help' }, undefined],
    ['another command', { INPUT_COMMAND: 'load' }, undefined],
  ])('runs nothing with %s', (_, inputs, sums) => {
    const result = runAction({ INPUT_ARGUMENTS: `${WITNESS}\nqemu-virt`, ...inputs }, sums);
    expect(result).toMatchObject({ status: 2, output: '', stdout: expect.stringMatching(/^::error /) });
  });
});
