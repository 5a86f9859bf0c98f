import { describe, expect, it } from 'vitest';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { findLockdown } from '../../src/machine/find-lockdown.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { EMPTY_BLACKLIST } from '../../src/trust/keyrings/keyring.js';
import { buildImage } from '../support/image.js';
import { buildMachine, type TestFacts } from '../support/machine.js';

const LSM = { SECURITY_LOCKDOWN_LSM: 'y' };
const on = { SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) };
const facts = (config: Record<string, string>, others: TestFacts = {}): TestFacts => ({
  ...others,
  kernel: { config },
});

describe('lockdown that was not recorded', () => {
  it.each<[string | undefined, TestFacts]>([
    [undefined, {}],
    [undefined, facts(LSM)],
    ['integrity', facts(LSM, { commandLine: 'lockdown=integrity' })],
    ['confidentiality', facts(LSM, { commandLine: 'lockdown=integrity lockdown=confidentiality' })],
    [undefined, facts(LSM, { commandLine: 'lockdown=none nolockdown=integrity' })],
    [undefined, facts({}, { commandLine: 'lockdown=integrity' })],
    ['integrity', facts({ ...LSM, LOCK_DOWN_KERNEL_FORCE_INTEGRITY: 'y' })],
    ['confidentiality', facts({ ...LSM, LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY: 'y' })],
    ['integrity', facts({ ...LSM, LOCK_DOWN_IN_EFI_SECURE_BOOT: 'y' }, { efiVariables: on })],
    [undefined, facts({ ...LSM, LOCK_DOWN_IN_EFI_SECURE_BOOT: 'y' })],
    ['none', facts({ ...LSM, LOCK_DOWN_KERNEL_FORCE_INTEGRITY: 'y' }, { lockdown: 'none' })],
    [undefined, { kernel: { config: LSM, securityModules: ['selinux'] }, commandLine: 'lockdown=integrity' }],
  ])('is %s', (lockdown, given) => {
    expect(findLockdown(buildMachine(given))).toBe(lockdown);
  });

  it('counts under as-kernel', () => {
    const store = { keyrings: [], blacklist: EMPTY_BLACKLIST };
    const trust = { store, policy: 'as-kernel', hashes: nodeHashes } as const;
    const locked = facts(LSM, { commandLine: 'lockdown=integrity', kexecSignature: 'checked' });
    expect(kexecFileLoad({ kernel: buildImage(), trust }, buildMachine(locked))).toMatchObject({
      refusal: { check: 'lockdown', errno: 'EPERM' },
    });
  });
});
