import { sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST } from '../../src/trust/keyrings/keyring.js';
import { appendSignature, buildSignedXattr } from '../../src/trust/sign/sign-ima.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { buildImage } from '../support/image.js';
import { buildMachine, type TestFacts } from '../support/machine.js';
import { makeSigner } from '../support/openssl.js';

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const signer = makeSigner(folder, 'ima-signer');
const certificate = parseCertificate(signer.der, nodeHashes);
const kernel = buildImage();
const signed = {
  certificate,
  hash: 'sha256',
  signature: sign('sha256', kernel, readFileSync(signer.keyPath)),
} as const;

/** Plans for a machine whose IMA has this policy, and trusts the signer or nobody. */
function plan(
  of: Uint8Array,
  imaPolicy: string,
  trusted: boolean,
  imaXattr?: Uint8Array,
  facts: TestFacts = { kexecSignature: 'none' },
) {
  const keyrings = [{ name: 'builtin', certificates: trusted ? [certificate] : [] }] as const;
  const store = { keyrings, blacklist: EMPTY_BLACKLIST };
  const machine = buildMachine({ ...facts, kernel: { imaPolicy } });
  const trust = { store, policy: 'as-kernel', hashes: nodeHashes, imaXattr } as const;
  return kexecFileLoad({ kernel: of, trust }, machine);
}

const IMASIG = 'appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig';
const MODSIG = `${IMASIG}|modsig`;

describe('field/18: a kernel that is signed for IMA', () => {
  it('loads with the value of security.ima', () => {
    const xattr = buildSignedXattr(kernel, signed, nodeHashes);
    expect(plan(kernel, IMASIG, true, xattr)).toHaveProperty('kimage');
    expect(plan(kernel, MODSIG, true, xattr)).toHaveProperty('kimage');
    for (const refused of [
      plan(kernel, IMASIG, true),
      plan(kernel, IMASIG, false, xattr),
      plan(
        kernel,
        IMASIG,
        true,
        xattr.map((byte, index) => (index === xattr.length - 1 ? byte ^ 1 : byte)),
      ),
    ])
      expect(refused).toMatchObject({ refusal: { check: 'ima-appraisal', errno: 'EACCES' } });
  });

  it('loads under lockdown without a signature in its PE file: IMA vouches for it', () => {
    const xattr = buildSignedXattr(kernel, signed, nodeHashes);
    const locked: TestFacts = { kexecSignature: 'checked', lockdown: 'integrity' };
    expect(plan(kernel, IMASIG, true, xattr, locked)).toHaveProperty('kimage');
    expect(plan(kernel, '', true, xattr, locked)).toMatchObject({
      refusal: { check: 'lockdown', errno: 'EPERM' },
    });
    const forced: TestFacts = { ...locked, kexecSignature: 'force' };
    expect(plan(kernel, IMASIG, true, xattr, forced)).toMatchObject({ refusal: { check: 'pe-signed' } });
  });

  it('loads with an appended signature, where the policy accepts those', () => {
    const appended = appendSignature(kernel, signed, nodeHashes);
    expect(plan(appended, MODSIG, true)).toHaveProperty('kimage');
    expect(plan(appended, MODSIG, false)).toMatchObject({ refusal: { errno: 'EACCES' } });
    expect(plan(appended, IMASIG, true)).toMatchObject({ refusal: { errno: 'EACCES' } });
    expect(plan(kernel, MODSIG, true)).toMatchObject({
      refusal: { errno: 'EACCES', seen: expect.stringContaining('no signature is appended') },
    });
  });
});
