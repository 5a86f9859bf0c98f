import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { corpus } from '../../support/corpus.js';
import { WITNESS_FILE } from '../../support/witness.js';

/** A copy of Debian's kernel with one bit flipped under the signature. */
function tampered(): string {
  const kernel = readFileSync(corpus.cloudKernel());
  kernel[9_000_000] = (kernel[9_000_000] as number) ^ 1;
  const path = join(makeTemporaryFolder(), 'vmlinuz');
  writeFileSync(path, kernel);
  return path;
}

const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('kexec-file verify', () => {
  it("trusts Debian's kernels with the CA of shim", () => {
    const files = corpus.kernels().map(({ path }) => path);
    const { status, stdout, stderr } = runCli('verify', ...files, '--keyring', corpus.shim());
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const file of files) expect(stdout).toContain(`${file}: ok, signed by Debian Secure Boot Signer`);
  });

  it('prints one object for each file, in the order of the files', () => {
    const files = [corpus.cloudKernel(), tampered(), WITNESS_FILE, '/no/such/file'];
    const { status, stdout } = runCli('verify', ...files, '--keyring', corpus.shim(), '--json');
    expect(status).toBe(1);
    const header = { schema: 'kexec-file/verify', version: 1 };
    expect(lines(stdout)).toEqual([
      {
        ...header,
        file: files[0],
        verdict: 'ok',
        detail: expect.stringContaining('trusted through the machine keyring'),
        signer: expect.stringMatching(/^Debian Secure Boot Signer/),
        signers: [expect.stringMatching(/^Debian Secure Boot Signer/)],
        keyring: 'machine',
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        signatures: [expect.stringMatching(/^Authenticode, \d+ bytes$/)],
      },
      {
        ...header,
        file: files[1],
        verdict: 'refused',
        errno: 'EKEYREJECTED',
        check: 'pe-digest',
        detail: expect.any(String),
        signers: [expect.stringMatching(/^Debian Secure Boot Signer/)],
        signatures: [expect.any(String)],
      },
      {
        ...header,
        file: files[2],
        verdict: 'refused',
        errno: 'ELIBBAD',
        check: 'pe-signed',
        detail: expect.any(String),
        signatures: [],
      },
      {
        ...header,
        file: files[3],
        verdict: 'refused',
        errno: 'ENOENT',
        check: 'file-access',
        detail: expect.any(String),
        signatures: [],
      },
    ]);
  });

  it('refuses an unknown signer with ENOKEY, and prints every check with --trail', () => {
    const { status, stdout, stderr } = runCli('verify', corpus.cloudKernel(), '--trail');
    expect(status).toBe(1);
    expect(stderr).toContain('refused: ENOKEY (trust)');
    expect(stdout).toMatch(/ok +pkcs7-digest/);
  });

  it.each([
    ['a keyring that is not there', ['--keyring', '/no/such/file']],
    ['a certificate that is none', ['--cert', 'package.json']],
  ])('refuses %s for every file', (_, options) => {
    const { status, stdout } = runCli('verify', corpus.cloudKernel(), WITNESS_FILE, '--json', ...options);
    expect(status).toBe(1);
    for (const verdict of lines(stdout)) expect(verdict).toMatchObject({ verdict: 'refused' });
  });
});

describe('kexec-file plan', () => {
  it('enforces with a keyring: only the trusted kernel loads', () => {
    const trusted = ['--keyring', corpus.shim()];
    expect(runCli('plan', corpus.cloudKernel(), ...trusted).status).toBe(0);
    const refused = runCli('plan', tampered(), ...trusted, '--json');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout).refusal).toMatchObject({ errno: 'EKEYREJECTED', check: 'pe-digest' });
    expect(runCli('plan', WITNESS_FILE, ...trusted).status).toBe(1);
  });

  it('enforces with --policy enforce, also without a keyring', () => {
    expect(runCli('plan', corpus.cloudKernel(), '--policy', 'enforce').stderr).toContain('ENOKEY (trust)');
  });
});
