import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli, runCliFrom, runCliOn } from '../support/cli.js';
import { parseReports } from '../support/json-reports.js';
import { buildPe } from '../support/pe.js';
import { runProgram } from '../support/programs.js';
import { makeSigningKeys } from '../support/signing.js';
import { WITNESS_FILE } from '../support/witness.js';

const { rsa, ec } = makeSigningKeys();
const PE = buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(7) }] });

/** Runs a command with `--json` that succeeds. @returns its one report */
function report(...args: readonly string[]): object | undefined {
  const { status, stdout, stderr } = runCli(...args, '--json');
  expect(status, stderr).toBe(0);
  const [first, ...more] = parseReports(stdout);
  expect(more).toEqual([]);
  return first;
}

function place(): { file: string; path: (name: string) => string } {
  const folder = makeTemporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('file'), PE);
  return { file: path('file'), path };
}

const keyOf = ({ keyPath, certificatePath }: typeof rsa): string[] => [
  ...['--key', keyPath],
  ...['--cert', certificatePath],
];

describe('what a command made, in JSON', () => {
  it('is a signature: what was signed, by whom, and where it is', () => {
    const { file, path } = place();
    const signed = { schema: 'kexec-file/sign', version: 1, file, digest: 'sha256', algorithm: 'rsa' };
    const embedded = report('sign', file, ...keyOf(rsa));
    expect(embedded).toMatchObject({
      ...signed,
      output: `${file}.signed`,
      form: 'embedded',
      signer: expect.any(String),
      signingTime: expect.stringMatching(/^20\d\d-.*Z$/),
    });
    const [listed] = parseReports(runCli('signature', 'list', `${file}.signed`, '--json').stdout);
    const { fileDigest } = embedded as unknown as { fileDigest: string };
    expect(listed).toMatchObject({ signatures: [{ digest: { algorithm: 'sha256', value: fileDigest } }] });
    expect(report('sign', file, ...keyOf(ec), '--detached', '--digest', 'sha512')).toMatchObject({
      output: `${file}.pk7`,
      form: 'detached',
      algorithm: expect.stringContaining('ecdsa'),
      digest: 'sha512',
    });
    expect(report('sign', file, ...keyOf(rsa), '--ima', 'xattr')).toMatchObject({ form: 'ima-xattr' });
    writeFileSync(path('gzip'), gzipSync(PE));
    expect(report('sign', path('gzip'), ...keyOf(rsa), '--inner')).toMatchObject({
      parts: [expect.any(String)],
    });
  });

  it('is a file with or without signatures', () => {
    const { file, path } = place();
    runCli('sign', file, ...keyOf(rsa));
    const signed = `${file}.signed`;
    const detached = path('pk7');
    expect(report('signature', 'detach', signed, '-o', detached)).toMatchObject({
      file: signed,
      output: detached,
      index: 0,
      size: readFileSync(detached).length,
    });
    const attached = report('signature', 'attach', signed, detached, '-o', path('two'), '--append');
    expect(attached).toMatchObject({ signature: detached, index: 1, signatures: 2 });
    const removed = report('signature', 'remove', path('two'), '--all', '-o', path('none'));
    expect(removed).toMatchObject({ removed: [0, 1], signatures: 0 });
    expect(readFileSync(path('none')).equals(Buffer.from(PE))).toBe(true);
  });

  it('is a machine file, or what is in it', () => {
    const { path } = place();
    const qemu = ['machine', 'record', '--qemu', '--memory', '256M'];
    expect(report(...qemu, '-o', path('m.json'))).toMatchObject({
      schema: 'kexec-file/machine-record',
      output: path('m.json'),
      ram: '0x10000000',
    });
    const file = report(...qemu, '-o', '-');
    expect(file).toEqual({
      schema: 'kexec-file/machine',
      version: 1,
      ...(JSON.parse(readFileSync(path('m.json'), 'utf8')) as object),
    });
    const recorded = runCli(...qemu, '-o', '-');
    expect(recorded).toEqual({ status: 0, stdout: readFileSync(path('m.json'), 'utf8'), stderr: '' });
  });

  it('is how a guest ended, with its console on standard error', () => {
    const { status, stdout, stderr } = runCli('boot', WITNESS_FILE, '--memory', '256M', '--json');
    const [ended] = parseReports(stdout);
    expect(ended).toMatchObject({ schema: 'kexec-file/boot', end: status === 0 ? 'powered-off' : 'reset' });
    expect(stderr).toContain('purgatory');
    const refused = runCli('boot', WITNESS_FILE, '--memory', '256M', '--json', '--mem-max', '0x1000');
    expect(parseReports(refused.stdout)).toMatchObject([
      { refusal: { check: 'segment-hole' }, trail: expect.any(Array) },
    ]);
  });

  it('is refused with an object, and not made, where standard output is taken twice', () => {
    const { file } = place();
    for (const args of [
      ['sign', file, ...keyOf(rsa), '-o', '-'],
      ['signature', 'detach', file, '-o', '-'],
    ])
      expect(parseReports(runCli(...args, '--json').stdout)).toMatchObject([
        { refusal: { errno: 'EEXIST' } },
      ]);
    expect(existsSync('-')).toBe(false);
  });
});

describe('what is signed in a pipe', () => {
  it('goes to standard output, with all else on standard error', () => {
    const { file, path } = place();
    const time = '--no-signing-time';
    runCli('sign', file, ...keyOf(rsa), time);
    const kexecFile = `node bin/kexec-file.js`;
    const key = keyOf(rsa).join(' ');
    runProgram('sh', ['-c', `cat ${file} | ${kexecFile} sign - ${key} ${time} > ${path('out')}`]);
    expect(readFileSync(path('out')).equals(readFileSync(`${file}.signed`))).toBe(true);
    const pipeline = `${kexecFile} signature remove - -o - < ${path('out')} | cat > ${path('bare')}`;
    runProgram('sh', ['-c', pipeline]);
    expect(readFileSync(path('bare')).equals(Buffer.from(PE))).toBe(true);
    const trusted = runCliFrom(path('out'), 'verify', '-', '--cert', rsa.certificatePath);
    expect([trusted.status, trusted.stdout.slice(0, 2)]).toEqual([0, '-:']);
    const cert = readFileSync(rsa.certificatePath);
    expect(runCliOn(cert, 'verify', path('out'), '--keyring', 'platform:-').stdout).toContain('platform');
  });
});
