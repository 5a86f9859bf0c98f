/** Signatures by ML-DSA: which kernels accept them, and when the command loads the library for them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import type { Policy } from '../../src/trust/policy.js';
import { verifyForMachines } from '../../src/trust/verify-for-machines.js';
import { signedFile } from '../conformance/authenticode.js';
import { issueSelfSigned } from '../conformance/certificates.js';
import { signer as rsaSigner } from '../conformance/identities.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildMachine } from '../support/machine.js';
import { deriveMlDsaKey } from '../support/test-keys.js';

const signer = issueSelfSigned('ML-DSA signer', deriveMlDsaKey('a case', 'mldsa65'));
const signed = signedFile({ signer, digest: 'sha512' });
const file = parseKeyringFile(signer.certificate.der);
const store = buildTrustStore([{ name: 'a.der', keyring: 'builtin', file }], nodeHashes);

function load(release: string | undefined, policy: Policy, isVerifiedBefore = false, more = {}) {
  const config = { KEXEC_SIG: 'y', KEXEC_IMAGE_VERIFY_SIG: 'y', ...more };
  const kernel = release === undefined ? undefined : { release, config };
  const machine = buildMachine({ kexecSignature: 'force', ...(kernel && { kernel }) } as object);
  const given = { store, policy, hashes: nodeHashes };
  const trust = isVerifiedBefore ? { ...given, verified: verifyForMachines(signed, given) } : given;
  const result = kexecFileLoad({ kernel: signed, trust, hashes: nodeHashes }, machine);
  const signature = result.trail.find(({ check }) => check === 'signature' || check === 'pkcs7-algorithm');
  return 'refusal' in result ? result.refusal.errno : (signature?.verdict ?? 'no entry');
}

describe('a kernel that is signed with ML-DSA', () => {
  it.each([
    ['6.12.48', 'ENOPKG'],
    ['6.19.0', 'ENOPKG'],
    ['7.0.1', 'ok'],
    ['7.3.4-arm64', 'ok'],
    [undefined, 'ENOPKG'],
  ])('is, under as-kernel, for a machine with Linux %s: %s', (release, expected) => {
    expect(load(release, 'as-kernel')).toBe(expected);
    expect(load(release, 'as-kernel', true)).toBe(expected);
  });

  it('is refused with ENOENT by a kernel that was built without CONFIG_CRYPTO_MLDSA', () => {
    const built = { SYSTEM_TRUSTED_KEYRING: 'y' };
    expect(load('7.3.4', 'as-kernel', false, built)).toBe('ENOENT');
    expect(load('7.3.4', 'as-kernel', true, built)).toBe('ENOENT');
    expect(load('7.3.4', 'as-kernel', false, { ...built, CRYPTO_MLDSA: 'm' })).toBe('ok');
  });

  it('is trusted under enforce, with a note on kernels before 7.0', () => {
    expect(load('6.12.48', 'enforce')).toBe('note');
  });
});

describe('kexec-file verify', () => {
  const write = (kernel: Uint8Array, certificate: Uint8Array): string[] => {
    const folder = makeTemporaryFolder();
    const [path, cert] = [join(folder, 'vmlinuz'), join(folder, 'a.der')];
    writeFileSync(path, kernel);
    writeFileSync(cert, certificate);
    return [path, '--cert', cert];
  };

  it('accepts the file, and says which kernels do not', () => {
    const { status, stdout } = runCli('verify', ...write(signed, signer.certificate.der), '--json');
    expect(status).toBe(0);
    expect(stdout).toContain('signed with ML-DSA: Linux before 7.0 refuses it with ENOPKG');
  });

  it('refuses it after a change', () => {
    const changed = new Uint8Array(signed);
    changed[300] = (changed[300] ?? 0) ^ 1;
    expect(runCli('verify', ...write(changed, signer.certificate.der)).status).toBe(1);
  });

  /** The modules of the command that a run loads. */
  const listLoaded = (args: readonly string[]): string => {
    const folder = makeTemporaryFolder();
    const hook = join(folder, 'hook.cjs');
    const list = join(folder, 'list');
    const script = `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, Object.keys(require.cache).join('\\n')))`;
    writeFileSync(hook, script);
    spawnSync(process.execPath, ['--require', hook, 'bin/kexec-file.js', ...args], { encoding: 'utf8' });
    return readFileSync(list, 'utf8');
  };

  it('loads the library for ML-DSA only for such a signature, if Node does not have it', () => {
    const rsa = rsaSigner();
    const other = write(signedFile(), rsa.certificate.der);
    expect(listLoaded(['verify', ...other])).toContain('main.js');
    expect(listLoaded(['verify', ...other])).not.toContain('ml-dsa');
    // A damaged signature is verified by the library in any case.
    const damaged = new Uint8Array(signed);
    damaged[damaged.length - 3000] = (damaged[damaged.length - 3000] ?? 0) ^ 1;
    expect(listLoaded(['verify', ...write(damaged, signer.certificate.der)])).toContain('ml-dsa-library');
  });
});
