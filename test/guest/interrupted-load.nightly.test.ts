import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { CALLS_TIMEOUT, expectOldOrNew } from './interrupted-load.js';

const [SEGMENTS, FILE] = ['--syscall segments --keyring /boot/shim', '--syscall file --policy as-kernel'];

describe('load that is killed leaves the old or the new', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each([
    ['kernel by kexec_load on x86_64', 'cloud-6.12:amd64', 'default', SEGMENTS],
    ['kernel by kexec_file_load on x86_64', 'cloud-6.12:amd64', 'default', FILE],
    ['crash kernel by kexec_load on x86_64', 'cloud-6.12:amd64', 'crash', SEGMENTS],
  ] as const)('%s', (_, kernel, type, options) => expectOldOrNew({ kernel, type, options, at: 'times' }));
});

describe('load that is killed at any system call leaves the old or the new', {
  timeout: CALLS_TIMEOUT,
}, () => {
  it.each([
    ['by kexec_load on x86_64', 'cloud-6.12:amd64', SEGMENTS],
    ['by kexec_file_load on x86_64', 'cloud-6.12:amd64', FILE],
    ['by kexec_load on arm64', 'cloud-6.12', SEGMENTS],
  ] as const)('kernel %s', (_, kernel, options) =>
    expectOldOrNew({ kernel, type: 'default', options, at: 'calls' }),
  );
});
