import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { Trail } from '../../src/base/trail.js';
import type { Arm64Machine } from '../../src/machine/arm64/arm64-machine.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../src/node/keys/keyrings.js';
import { checkSignature } from '../../src/trust/check-signature.js';
import { EMPTY_BLACKLIST, type TrustStore } from '../../src/trust/keyrings/keyring.js';
import type { Policy } from '../../src/trust/policy.js';
import { Verifier } from '../../src/trust/verifier.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';

const debian = loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);
const nobody: TrustStore = { keyrings: [], blacklist: EMPTY_BLACKLIST };
const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));

/** The last thing that the trail says of a kernel's signature, or the errno of its refusal. */
function outcome(
  file: Uint8Array,
  policy: Policy,
  store: TrustStore,
  facts: Partial<Arm64Machine> = {},
): string {
  const trail = new Trail();
  try {
    checkSignature({ kernel: file }, { store, policy, hashes: nodeHashes }, buildMachine(facts), trail);
  } catch (error) {
    return (error as { errno: string }).errno;
  }
  const last = trail.entries.at(-1);
  return `${last?.verdict}: ${last?.detail}`;
}

describe('the policy', () => {
  it('enforce loads only trusted kernels', () => {
    expect(outcome(kernel, 'enforce', debian)).toMatch(/^ok: signed by Debian Secure Boot Signer/);
    expect(outcome(kernel, 'enforce', nobody)).toBe('ENOKEY');
    expect(outcome(buildImage(), 'enforce', debian)).toBe('ELIBBAD');
  });

  it('permissive loads any kernel, and notes what is wrong', () => {
    expect(outcome(kernel, 'permissive', nobody)).toMatch(
      /^note: ENOKEY \(trust\): .*because the policy is permissive$/,
    );
    expect(outcome(buildImage(), 'permissive', nobody)).toMatch(/^note: ELIBBAD/);
  });

  it.each([
    [{ kexecSignature: 'none' }, /^note: not verified: the machine's kernel has no CONFIG_KEXEC_SIG/],
    [{ kexecSignature: 'checked' }, /^note: ENOKEY .* the machine's kernel loads it all the same$/],
    [{}, /its kernel's configuration is not known$/],
    [{ kexecSignature: 'checked', lockdown: 'none' }, /^note: ENOKEY/],
    [{ kexecSignature: 'checked', lockdown: 'integrity' }, /^EPERM$/],
    [{ kexecSignature: 'force' }, /^ENOKEY$/],
    [{ kexecSignature: 'force', lockdown: 'integrity' }, /^ENOKEY$/],
  ] as const)('as-kernel does what a kernel with %j does to a stranger', (facts, expected) => {
    expect(outcome(kernel, 'as-kernel', nobody, facts)).toMatch(expected);
  });

  it('as-kernel loads trusted kernels, with or without lockdown', () => {
    const facts = { kexecSignature: 'force', lockdown: 'confidentiality' } as const;
    expect(outcome(kernel, 'as-kernel', debian, facts)).toMatch(/^ok/);
  });

  it('honours digests in dbx, which the kernel ignores', () => {
    const { digest } = new Verifier({ store: debian, hashes: nodeHashes }).verifyPe(kernel);
    const listed = { ...debian, blacklist: { ...debian.blacklist, fileHashes: [toHex(digest)] } };
    expect(outcome(kernel, 'enforce', listed)).toBe('EKEYREJECTED');
    expect(outcome(kernel, 'as-kernel', listed, { kexecSignature: 'force' })).toMatch(/^ok/);
    const other = toHex(createHash('sha256').digest());
    const unlisted = { ...debian, blacklist: { ...debian.blacklist, fileHashes: [other] } };
    expect(outcome(kernel, 'enforce', unlisted)).toMatch(/^ok/);
  });
});
