import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { alignToEntry } from '../../../src/formats/pe/edit.js';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { removeSignatures } from '../../../src/trust/sign/remove.js';
import { runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { buildUki, compress } from '../../support/kernel-files.js';
import { makeSigner } from '../../support/openssl.js';
import { buildPe } from '../../support/pe.js';
import { runProgram } from '../../support/programs.js';
import { anyUnsignedPe, makeSigningKeys, setCheckSum } from '../../support/signing.js';

/** Milliseconds, of which a busy machine may take many: kernels have 34 MB. */
const PATIENCE = 60_000;

const keys = makeSigningKeys();
const { rsa, ec } = keys;
const SMALL = setCheckSum(
  buildPe({ sections: [{ name: '.text', bytes: new Uint8Array(0x200).fill(1) }] }),
  0,
);

/** A Debian kernel as it was before Debian signed it. */
let kernel: Uint8Array;
beforeAll(() => {
  kernel = removeSignatures(readFileSync(corpus.cloudKernel()), [0]);
});

/** A folder with an unsigned file in it. */
function place(bytes: Uint8Array): { folder: string; file: string; path: (name: string) => string } {
  const folder = mkdtempSync(join(keys.folder, 'work-'));
  const path = (name: string) => join(folder, name);
  writeFileSync(path('file'), bytes);
  return { folder, file: path('file'), path };
}

function succeed(...args: readonly string[]): string {
  const { status, stdout, stderr } = runCli(...args);
  expect(stderr).not.toContain('refused');
  expect(status).toBe(0);
  return stdout;
}

const keyOf = (signer: typeof rsa) => ['--key', signer.keyPath, '--cert', signer.certificatePath];
const same = (a: string, b: string) => Buffer.compare(readFileSync(a), readFileSync(b)) === 0;

/**
 * A signed file whose first dwLength includes the padding. osslsigncode before 2.6 calls any other an invalid
 * signature; sbsign's, and so ours, leaves the padding out, and the kernel takes both.
 */
function withRoundedLength(file: Uint8Array): Uint8Array {
  const { certificateTable } = parsePe(file);
  const dwLength = new DataView(file.buffer, file.byteOffset + Number(certificateTable?.start), 4);
  dwLength.setUint32(0, alignToEntry(dwLength.getUint32(0, true)), true);
  return file;
}

/** Runs the command on a terminal that script(1) makes, and types when it is asked. */
async function onTerminal(
  args: readonly string[],
  typed: string,
): Promise<{ status: unknown; shown: string }> {
  const command = [process.execPath, 'bin/kexec-file.js', ...args].join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  let isAsked = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (isAsked || !shown.includes('passphrase: ')) return;
    isAsked = true;
    child.stdin.write(typed);
  });
  const [status] = await once(child, 'close');
  return { status, shown };
}

describe('kexec-file sign', { timeout: PATIENCE }, () => {
  it.each([
    ['rsa', 'sha256', ['sbverify', 'osslsigncode']],
    ['ec', 'sha256', ['sbverify', 'osslsigncode']],
    ['rsa', 'sha384', ['osslsigncode']],
    ['ec', 'sha512', ['osslsigncode']],
  ] as const)('signs a kernel by %s with %s as %j take it', (kind, digest, verifiers) => {
    const { file, path } = place(kernel);
    const signer = keys[kind];
    const { status, stdout, stderr } = runCli('sign', file, ...keyOf(signer), '--digest', digest);
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(new RegExp(`^${file}\\.signed: [\\d.]+ MiB, signed by ${kind}, ${digest}\\n$`));
    for (const verifier of verifiers) {
      if (verifier === 'sbverify') {
        runProgram('sbverify', ['--cert', signer.certificatePath, `${file}.signed`]);
      } else {
        const rounded = path('rounded');
        writeFileSync(rounded, withRoundedLength(readFileSync(`${file}.signed`)));
        runProgram('osslsigncode', ['verify', '-CAfile', signer.certificatePath, '-in', rounded]);
      }
    }
    expect(succeed('verify', `${file}.signed`, '--cert', signer.certificatePath)).toContain('ok');
    succeed('signature', 'remove', `${file}.signed`, '--output', path('unsigned'));
    expect(same(path('unsigned'), file)).toBe(true);
  });

  it('signs files of any layout so that sbverify accepts them, with a record of length and CheckSum', () => {
    fc.assert(
      fc.property(anyUnsignedPe(['PE32+']), (bytes) => {
        const { file } = place(bytes);
        succeed('sign', file, ...keyOf(rsa));
        runProgram('sbverify', ['--cert', rsa.certificatePath, `${file}.signed`]);
      }),
      { numRuns: 8 },
    );
  });

  it('adds a signature as the first, or with --append as the last, and says which the kernel verifies', () => {
    const { file, path } = place(SMALL);
    succeed('sign', file, ...keyOf(rsa));
    const first = runCli('sign', `${file}.signed`, ...keyOf(ec), '--output', path('first'));
    const last = runCli('sign', `${file}.signed`, ...keyOf(ec), '--append', '--output', path('last'));
    expect(first.stderr).toContain('the kernel verifies the new signature');
    expect(last.stderr).toContain('the kernel ignores it');
    expect(succeed('verify', path('first'), '--cert', ec.certificatePath)).toContain('ok');
    expect(runCli('verify', path('last'), '--cert', ec.certificatePath).status).toBe(1);
    for (const one of ['first', 'last']) {
      runProgram('sbverify', ['--cert', ec.certificatePath, path(one)]);
      runProgram('sbverify', ['--cert', rsa.certificatePath, path(one)]);
    }
  });

  it('writes a detached signature that sbverify accepts and sbattach attaches', () => {
    const { file, path } = place(kernel);
    succeed('sign', file, ...keyOf(rsa), '--detached', '--no-signing-time');
    runProgram('sbverify', ['--cert', rsa.certificatePath, '--detached', `${file}.pk7`, file]);
    succeed('sign', file, ...keyOf(rsa), '--no-signing-time');
    succeed('signature', 'attach', file, `${file}.pk7`, '--output', path('ours'));
    expect(same(path('ours'), `${file}.signed`)).toBe(true);
    writeFileSync(path('theirs'), kernel);
    runProgram('sbattach', ['--attach', `${file}.pk7`, path('theirs')]);
    expect(same(path('theirs'), `${file}.signed`)).toBe(true);
  });

  it('reads keys in every format of openssl', () => {
    const { file, path } = place(SMALL);
    const pass = ['-passout', 'pass:secret'];
    const forms: readonly (readonly string[])[] = [
      ['pkcs8', '-topk8', '-nocrypt', '-outform', 'DER'],
      ['pkcs8', '-topk8', ...pass],
      ['pkcs8', '-topk8', '-outform', 'DER', ...pass],
      ['rsa', '-traditional'],
      ['rsa', '-traditional', '-aes256', ...pass],
    ];
    writeFileSync(path('passphrase'), 'secret\nanother line\n');
    succeed('sign', file, ...keyOf(rsa), '--no-signing-time', '--output', path('expected'));
    for (const [index, form] of forms.entries()) {
      runProgram('openssl', [...form, '-in', rsa.keyPath, '-out', path('key')]);
      const out = path(`out-${index}`);
      const how = form.includes('pass:secret') ? ['--passphrase-file', path('passphrase')] : [];
      const key = ['--key', path('key'), '--cert', rsa.certificatePath];
      succeed('sign', file, ...key, ...how, '--no-signing-time', '--output', out);
      expect(same(out, path('expected')), form.join(' ')).toBe(true);
    }
  });

  it('reads key and certificate from one file, as a kernel build has them', () => {
    const { file, path } = place(SMALL);
    writeFileSync(
      path('both.pem'),
      readFileSync(ec.keyPath, 'utf8') + readFileSync(ec.certificatePath, 'utf8'),
    );
    succeed('sign', file, '--key', path('both.pem'), '--cert', path('both.pem'));
    runProgram('sbverify', ['--cert', ec.certificatePath, `${file}.signed`]);
  });

  it('asks for a passphrase on the terminal, and does not show it', async () => {
    const { file, path } = place(SMALL);
    runProgram('openssl', [
      'pkcs8',
      '-topk8',
      '-in',
      rsa.keyPath,
      '-out',
      path('key'),
      '-passout',
      'pass:secret',
    ]);
    const args = ['sign', file, '--key', path('key'), '--cert', rsa.certificatePath];
    const wrong = await onTerminal(args, 'wrong\r');
    expect(wrong).toMatchObject({ status: 1, shown: expect.stringContaining('does not decrypt') });
    const cancelled = await onTerminal(args, 'sec\u0003');
    expect(cancelled.status).toBe(130);
    expect(existsSync(`${file}.signed`)).toBe(false);
    const right = await onTerminal(args, 'secrex\u007ft\r');
    expect(right.status).toBe(0);
    for (const { shown } of [wrong, cancelled, right]) expect(shown).not.toMatch(/wrong|sec\b|secre/);
    runProgram('sbverify', ['--cert', rsa.certificatePath, `${file}.signed`]);
  });

  it('uses a signature that was made elsewhere: by a command, or in two steps', () => {
    const { file, path } = place(SMALL);
    const cert = ['--cert', rsa.certificatePath];
    const command = `openssl dgst -sha256 -sign ${rsa.keyPath}`;
    succeed('sign', file, ...cert, '--signer-command', command, '--no-signing-time', '--output', path('one'));

    const printed = JSON.parse(
      succeed('sign', file, ...cert, '--digest-only', '--json', '--output', path('attributes')),
    );
    expect(succeed('sign', file, ...cert, '--digest-only')).toBe(`${printed.attributesDigest}\n`);
    expect(printed.attributes).toBe(readFileSync(path('attributes'), 'hex'));
    runProgram('openssl', ['dgst', '-sha256', '-sign', rsa.keyPath, '-out', path('raw'), path('attributes')]);
    succeed('sign', file, ...cert, '--signature', path('raw'), '--output', path('two'));
    expect(same(path('one'), path('two'))).toBe(true);

    const time = ['--signing-time', String(Math.floor(Date.now() / 1000) + 60)];
    succeed('sign', file, ...cert, '--digest-only', ...time, '--output', path('timed'));
    runProgram('openssl', ['dgst', '-sha256', '-sign', rsa.keyPath, '-out', path('raw2'), path('timed')]);
    succeed('sign', file, ...cert, '--signature', path('raw2'), ...time, '--output', path('three'));
    runProgram('sbverify', ['--cert', rsa.certificatePath, path('three')]);
  });
});

describe('kexec-file sign --inner', { timeout: PATIENCE }, () => {
  it('signs the kernel in a UKI and the UKI, so that either signature suffices', () => {
    const { file, path } = place(buildUki(corpus.stub(), { '.cmdline': 'quiet', '.linux': kernel }));
    expect(runCli('sign', file, '--inner', ...keyOf(rsa)).stderr).toMatch(
      /Image, UKI\s+signed by .*, sha256\n/,
    );
    expect(runProgram('sbverify', ['--cert', rsa.certificatePath, path('file.signed')])).toContain('OK');
    const trust = ['--cert', rsa.certificatePath];
    succeed('plan', path('file.signed'), ...trust);
    runProgram('aarch64-linux-gnu-objcopy', [
      '-O',
      'binary',
      '--only-section=.linux',
      path('file.signed'),
      path('linux'),
    ]);
    succeed('verify', path('linux'), ...trust);
  });

  it('says which files cannot hold a signature, and what to do', () => {
    const { file, path } = place(compress(kernel.subarray(0, 5000), 'gzip'));
    const { status, stderr } = runCli('sign', file, ...keyOf(rsa));
    expect(status).toBe(1);
    expect(stderr).toContain('a gzip file has no place for a signature; --inner signs the Image in it');
    expect(existsSync(path('file.signed'))).toBe(false);
  });

  it('cannot use one signature for several files', () => {
    const { file } = place(SMALL);
    const { status, stderr } = runCli(
      'sign',
      file,
      '--inner',
      '--cert',
      ec.certificatePath,
      '--signature',
      'x',
    );
    expect(status).toBe(2);
    expect(stderr).toContain("'--signature <file>'");
  });
});

describe('kexec-file sign refuses, and writes nothing', { timeout: PATIENCE }, () => {
  const outsider = () => makeSigner(keys.folder, 'outsider');

  /** Arguments that go wrong, for a file `file` in a folder `path`. */
  const CASES: readonly [string, string, (path: (name: string) => string) => readonly string[]][] = [
    [
      "a key that is not the certificate's",
      'EKEYREJECTED (sign-key)',
      () => ['--key', outsider().keyPath, '--cert', ec.certificatePath],
    ],
    [
      'a key of another kind',
      'EINVAL (sign-key)',
      (path) => {
        const { privateKey } = generateKeyPairSync('ed25519');
        writeFileSync(path('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
        return ['--key', path('key'), '--cert', ec.certificatePath];
      },
    ],
    [
      'a file that holds no key',
      'EINVAL (sign-key)',
      () => ['--key', ec.certificatePath, '--cert', ec.certificatePath],
    ],
    ['no certificate', 'EBADMSG (certificate)', () => ['--key', ec.keyPath, '--cert', ec.keyPath]],
    [
      'a wrong passphrase',
      'EACCES (sign-key)',
      (path) => {
        const secret = { cipher: 'aes-256-cbc', passphrase: 'secret' };
        const key = createPrivateKey(readFileSync(ec.keyPath));
        writeFileSync(path('key'), key.export({ type: 'pkcs8', format: 'pem', ...secret }));
        writeFileSync(path('passphrase'), 'wrong');
        return [
          ...['--key', path('key'), '--cert', ec.certificatePath],
          ...['--passphrase-file', path('passphrase')],
        ];
      },
    ],
    [
      'an expired certificate',
      'EKEYEXPIRED (sign-certificate)',
      () => [...keyOf(ec), '--signing-time', '2999-12-31T00:00:00Z'],
    ],
    [
      'a raw signature of something else',
      'public-key',
      (path) => {
        writeFileSync(path('raw'), new Uint8Array(256).fill(1));
        return ['--cert', rsa.certificatePath, '--signature', path('raw')];
      },
    ],
    [
      'a command that fails',
      'EIO (sign-command)',
      () => ['--cert', ec.certificatePath, '--signer-command', 'exit 3'],
    ],
    [
      'a command that says nothing',
      'EIO (sign-command)',
      () => ['--cert', ec.certificatePath, '--signer-command', 'true'],
    ],
    [
      'a command that does not stop talking',
      'EIO (sign-command)',
      () => ['--cert', ec.certificatePath, '--signer-command', 'cat /dev/zero'],
    ],
    ['an output that exists', 'EEXIST (file-access)', (path) => [...keyOf(ec), '--output', path('file')]],
  ];

  it.each(CASES)('%s', (_, refusal, args) => {
    const { folder, file, path } = place(SMALL);
    const given = args(path);
    const before = readdirSync(folder).sort();
    const { status, stdout, stderr } = runCli('sign', file, ...given);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(refusal);
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(Buffer.compare(readFileSync(file), SMALL)).toBe(0);
  });

  it('a file that is not a PE file', () => {
    const { file } = place(new Uint8Array(100));
    const { status, stderr } = runCli('sign', file, ...keyOf(ec));
    expect(status).toBe(1);
    expect(stderr).toContain('ELIBBAD (pe-header)');
    expect(existsSync(`${file}.signed`)).toBe(false);
  });

  it.each<[string, readonly string[]]>([
    ['no way to sign', ['--cert', ec.certificatePath]],
    ['two ways to sign', [...keyOf(ec), '--digest-only']],
    ['no certificate', ['--key', ec.keyPath]],
    ['a digest that is too weak', [...keyOf(ec), '--digest', 'sha1']],
    ['a time that is none', [...keyOf(ec), '--signing-time', 'yesterday']],
    ['a time without a time zone', [...keyOf(ec), '--signing-time', '2030-01-01T00:00']],
    ['a passphrase for no key', ['--cert', ec.certificatePath, '--signature', 'x', '--passphrase-file', 'x']],
    ['a detached signature behind others', [...keyOf(ec), '--detached', '--append']],
  ])('as wrong usage: %s', (_, args) => {
    const { folder, file } = place(SMALL);
    expect(runCli('sign', file, ...args)).toMatchObject({ status: 2, stdout: '' });
    expect(readdirSync(folder)).toEqual(['file']);
  });
});
