import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { removeSignatures } from '../../../src/trust/sign/remove.js';
import { runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildPe } from '../../support/pe.js';
import { runProgram } from '../../support/programs.js';
import { makeSigningKeys, setCheckSum, signFile } from '../../support/signing.js';

/** Milliseconds, of which a busy machine may take many: kernels have 34 MB. */
const PATIENCE = 60_000;

const keys = makeSigningKeys();
const { rsa, ec } = keys;

/** A Debian kernel as it was before Debian signed it. */
let kernel: Uint8Array;
beforeAll(() => {
  kernel = removeSignatures(readFileSync(corpus.cloudKernel()), [0]);
});

function place(bytes: Uint8Array): { folder: string; file: string; path: (name: string) => string } {
  const folder = mkdtempSync(join(keys.folder, 'work-'));
  const path = (name: string) => join(folder, name);
  writeFileSync(path('file'), bytes);
  return { folder, file: path('file'), path };
}

function succeed(...args: readonly string[]): string {
  const { status, stdout, stderr } = runCli('signature', ...args);
  expect(stderr).not.toContain('refused');
  expect(status).toBe(0);
  return stdout;
}

const same = (a: string, b: string) => Buffer.compare(readFileSync(a), readFileSync(b)) === 0;

const sbsign = (file: string, to: string, signer = rsa) =>
  runProgram('sbsign', ['--key', signer.keyPath, '--cert', signer.certificatePath, '--output', to, file]);
const osslsigncode = (file: string, to: string, hash: string) =>
  runProgram('osslsigncode', [
    ...['sign', '-certs', rsa.certificatePath, '-key', rsa.keyPath],
    ...['-h', hash, '-in', file, '-out', to],
  ]);

/** Files that say in themselves how they ended before they were signed: no tool keeps a record of that. */
function restorable(): fc.Arbitrary<Uint8Array> {
  const sections = fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 }), { minLength: 1, maxLength: 3 });
  const trailing = fc.uint8Array({ maxLength: 20 }).map((bytes) => [...bytes, 1 + ((bytes[0] ?? 0) % 255)]);
  const whole = (bytes: readonly Uint8Array[]) =>
    buildPe({
      sections: bytes.map((one, index) => ({
        name: `.s${index}`,
        bytes: Uint8Array.from({ length: 0x200 }, (_, at) => one[at % one.length] ?? 0),
      })),
    });
  return fc
    .tuple(sections, fc.option(trailing, { nil: [] }))
    .map(([bytes, tail]) => setCheckSum(Buffer.concat([whole(bytes), Uint8Array.from(tail)]), 0));
}

describe('kexec-file signature remove', { timeout: PATIENCE }, () => {
  it('restores a kernel that sbsign, osslsigncode and sbsign again signed', () => {
    const { file, path } = place(kernel);
    sbsign(file, path('sbsign'));
    osslsigncode(file, path('sha256'), 'sha256');
    osslsigncode(file, path('sha512'), 'sha512');
    for (const tool of ['sbsign', 'sha256', 'sha512']) {
      succeed('remove', path(tool), '--output', path(`${tool}.unsigned`));
      expect(same(path(`${tool}.unsigned`), file), tool).toBe(true);
    }
    sbsign(path('sbsign'), path('twice'), ec);
    succeed('remove', path('twice'), '--index', '1', '--output', path('once'));
    expect(same(path('once'), path('sbsign'))).toBe(true);
    succeed('remove', path('twice'), '--all', '--output', path('none'));
    expect(same(path('none'), file)).toBe(true);
  });

  it('restores what sbsign and osslsigncode sign, of any length', () => {
    fc.assert(
      fc.property(restorable(), (bytes) => {
        const { file, path } = place(bytes);
        sbsign(file, path('sbsign'));
        osslsigncode(file, path('osslsigncode'), 'sha256');
        for (const tool of ['sbsign', 'osslsigncode']) {
          const unsigned = removeSignatures(readFileSync(path(tool)), [0]);
          expect(Buffer.compare(unsigned, bytes), tool).toBe(0);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('restores a file of GNU objcopy, with its computed CheckSum', () => {
    const { path } = place(new Uint8Array(0));
    const source = '.globl _start\n_start: ret\n.data\nvalue: .quad 0\n';
    runProgram('aarch64-linux-gnu-as', ['-o', path('object'), '-'], { input: source });
    runProgram('aarch64-linux-gnu-ld', ['-o', path('elf'), path('object')]);
    runProgram('aarch64-linux-gnu-objcopy', [
      ...['-O', 'pei-aarch64-little', '-j', '.text', '-j', '.data'],
      ...['--subsystem', 'efi-app', path('elf'), path('pe')],
    ]);
    const { checkSum } = parsePe(readFileSync(path('pe')));
    expect(checkSum).not.toBe(0);
    sbsign(path('pe'), path('signed'));
    succeed('remove', path('signed'), '--output', path('unsigned'));
    expect(same(path('unsigned'), path('pe'))).toBe(true);
  });

  it('reports remaining signatures', () => {
    const { file, path } = place(signFile(signFile(kernel, rsa), ec));
    expect(runCli('signature', 'remove', file, '--output', path('one')).stderr).toMatch(
      /^\S+one: [\d.]+ MiB, without signature 0\nkexec-file: 1 signature left\n$/,
    );
    expect(Buffer.compare(readFileSync(path('one')), signFile(kernel, rsa))).toBe(0);
  });
});

describe('kexec-file signature detach and attach', { timeout: PATIENCE }, () => {
  it('read and write the files of sbattach', () => {
    const { file, path } = place(kernel);
    sbsign(file, path('signed'));
    runProgram('sbattach', ['--detach', path('theirs'), path('signed')]);
    succeed('detach', path('signed'), '--output', path('ours'));
    expect(same(path('ours'), path('theirs'))).toBe(true);
    succeed('attach', file, path('ours'), '--output', path('again'));
    expect(same(path('again'), path('signed'))).toBe(true);

    sbsign(path('signed'), path('twice'), ec);
    succeed('detach', path('twice'), '--index', '1', '--output', path('second'));
    succeed('attach', path('signed'), path('second'), '--append', '--output', path('twice again'));
    expect(same(path('twice again'), path('twice'))).toBe(true);
  });

  it("attach Debian's signature to its own kernel only", () => {
    const { file, path } = place(kernel);
    succeed('detach', corpus.cloudKernel(), '--output', path('debian'));
    succeed('attach', file, path('debian'), '--output', path('again'));
    expect(same(path('again'), corpus.cloudKernel())).toBe(true);
    const tampered = new Uint8Array(kernel);
    tampered[0x20000] = 1 ^ (kernel[0x20000] ?? 0);
    const other = place(tampered);
    const { status, stderr } = runCli(
      'signature',
      'attach',
      other.file,
      path('debian'),
      '-o',
      other.path('out'),
    );
    expect(status).toBe(1);
    expect(stderr).toContain('EKEYREJECTED (pe-digest)');
    expect(readdirSync(other.folder)).toEqual(['file']);
  });
});

describe('kexec-file signature list', { timeout: PATIENCE }, () => {
  it('shows the signers, and which signature the kernel ignores', () => {
    const { file, path } = place(kernel);
    sbsign(file, path('once'));
    sbsign(path('once'), path('twice'), ec);
    const text = succeed('list', path('twice'));
    expect(text).toMatch(/2 signatures\n {2}0 {2}[\d.]+ KiB \(0x[0-9a-f]+\) at 0x[0-9a-f]+, type 2\n/);
    expect(text.match(/the kernel will never look at this signature/g)).toHaveLength(1);
    const { signatures } = JSON.parse(succeed('list', path('twice'), '--json'));
    expect(signatures).toMatchObject([
      { index: 0, type: 2, revision: '0x200', digest: { algorithm: 'sha256' } },
      { index: 1, warning: 'the kernel will never look at this signature' },
    ]);
    expect(signatures[0].warning).toBeUndefined();
    const serial = runProgram('openssl', ['x509', '-noout', '-serial', '-in', rsa.certificatePath]);
    const [signer] = signatures[0].signers;
    expect(signer).toMatchObject({ subject: 'rsa', issuer: 'rsa', algorithm: 'rsa', digest: 'sha256' });
    expect(BigInt(`0x${signer.serial}`)).toBe(BigInt(`0x${serial.trim().replace('serial=', '')}`));
    expect(signer.signingTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('says that a file is not signed', () => {
    const { file } = place(kernel);
    expect(succeed('list', file)).toBe(`${file}: not signed\n`);
    expect(JSON.parse(succeed('list', file, '--json'))).toEqual({
      schema: 'kexec-file/signature-list',
      version: 1,
      file,
      signatures: [],
    });
  });
});

describe('kexec-file signature refuses, and writes nothing', () => {
  it.each<[string, string, (file: string, out: string) => readonly string[]]>([
    ['to remove what is not there', 'ENODATA', (file, out) => ['remove', file, '-o', out]],
    ['to detach what is not there', 'ENODATA', (file, out) => ['detach', file, '-o', out]],
    ['to attach what is no signature', 'EBADMSG', (file, out) => ['attach', file, file, '-o', out]],
    ['an output that exists', 'EEXIST', (file) => ['remove', file, '-o', file]],
  ])('%s', (_, errno, args) => {
    const { folder, file, path } = place(
      setCheckSum(buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(8) }] }), 0),
    );
    const { status, stderr } = runCli('signature', ...args(file, path('out')));
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^(refused:| )+ ${errno} \\(`, 'm'));
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it.each([
    ['remove without an output', ['remove', 'x']],
    ['an index that is no number', ['remove', 'x', '-o', 'y', '--index', 'first']],
    ['an index and all', ['remove', 'x', '-o', 'y', '--index', '0', '--all']],
    ['nothing to do', []],
  ])('as wrong usage: %s', (_, args) => {
    expect(runCli('signature', ...args).status).toBe(2);
  });
});
