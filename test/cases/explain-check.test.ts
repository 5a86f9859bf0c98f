/** `explain CHECK` and `explain ERRNO`: what a word means, and that every example ends in its check. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS, type Check } from '../../src/base/checks.js';
import { explainCheck } from '../../src/explain/explain-check.js';
import { makeTemporaryFolder } from '../support/cli.js';

/** A folder with an Image named vmlinuz, and the command in its bin. */
function makeFolder(): string {
  const folder = makeTemporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(resolve('bin/kexec-file.js'), join(folder, 'bin/kexec-file'));
  copyFileSync('test/witness/witness.Image', join(folder, 'vmlinuz'));
  return folder;
}

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runShell(script: string, folder: string): Promise<Run> {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` };
  const child = spawn('bash', ['-c', script], { cwd: folder, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done) => child.on('close', (status) => done({ status, stdout, stderr })));
}

const EXAMPLES = (Object.keys(CHECKS) as Check[]).flatMap((check) => {
  const { example } = explainCheck(check);
  return example === undefined ? [] : [{ check, example }];
});

describe('the examples of checks', () => {
  it.each(EXAMPLES)('$check: $example', async ({ check, example }) => {
    const { status, stdout, stderr } = await runShell(example, makeFolder());
    expect(status).toBe(1);
    expect(stdout + stderr).toContain(`(${check})`);
  });
});

describe('kexec-file explain', () => {
  it('explains a check, and the file of that name if it is written with a folder', async () => {
    const folder = makeFolder();
    copyFileSync(join(folder, 'vmlinuz'), join(folder, 'vmlinux'));
    const word = await runShell('kexec-file explain vmlinux', folder);
    expect(word).toMatchObject({ status: 0 });
    expect(word.stdout).toMatch(/^vmlinux \(file\)\n {2}rule/);
    expect(word.stderr).toMatch(/for the file of that name, write \.\/vmlinux/);
    const file = await runShell('kexec-file explain ./vmlinux --machine qemu-virt', folder);
    expect(file.stdout).toMatch(/^vmlinux .*on qemu-virt/);
    const both = await runShell('kexec-file explain vmlinux --machine qemu-virt --initrd vmlinuz', folder);
    expect(both).toMatchObject({ status: 2, stdout: '' });
    expect(both.stderr).toMatch(/vmlinux is a check, and --initrd is about a load/);
  });

  it.each(['EINVAL', '22', '-22'])('explains the errno %s', async (word) => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'EINVAL'), 'no kernel');
    const { status, stdout } = await runShell(`kexec-file explain ${word}`, folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^EINVAL \(22, Invalid argument\)\n {2}kexec_file_load: /);
    expect(stdout).toMatch(/Possible causes\n(.*\n)*.*segment-total/);
    expect(stdout).toMatch(/Outside of a load: .*file-access/);
    expect((await runShell('kexec-file explain ./EINVAL --machine qemu-virt', folder)).status).toBe(1);
  });

  it('rules out by the machine for an errno as --errno does', async () => {
    const folder = makeFolder();
    const [word, option] = await Promise.all([
      runShell('kexec-file explain EADDRNOTAVAIL --machine qemu-virt --json', folder),
      runShell('kexec-file explain --errno EADDRNOTAVAIL --machine qemu-virt --json', folder),
    ]);
    expect(word.stdout).toBe(option.stdout);
    expect(word.stdout).toContain('"crash-region"');
  });

  it('prints a check as JSON', async () => {
    const { stdout } = await runShell('kexec-file explain segment-total --json', makeFolder());
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'kexec-file/explain',
      check: { check: 'segment-total', errnos: ['EINVAL'], source: 'sanity_check_segment_list()' },
    });
  });

  it.each([
    ['segment-totl', /did you mean segment-total\?/],
    ['EINVLA', /did you mean EINVAL\?/],
    ['einval', /did you mean EINVAL\?/],
    ['nofile', /nofile: there is no such file, check or errno/],
    ['./nofile', /cannot read .*nofile: no such file/],
  ])('does not know %s', async (word, message) => {
    const { status, stderr } = await runShell(`kexec-file explain ${word}`, makeFolder());
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('is named by every refusal, also called as kexec, but not in JSON', async () => {
    const folder = makeFolder();
    const refused = await runShell('kexec-file plan vmlinuz --machine qemu-virt --panic', folder);
    expect(refused.stderr).toMatch(/\n {2}more: kexec-file explain crash-region\n$/);
    const json = await runShell(
      'kexec-file plan vmlinuz --machine qemu-virt --panic --json 2>&1 >out; cat out',
      folder,
    );
    expect(json.stdout.slice(json.stdout.indexOf('{'))).not.toContain('more: ');
  });
});
