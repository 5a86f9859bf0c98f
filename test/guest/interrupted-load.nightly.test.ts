import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { expectOldOrNew } from './interrupted-load.js';

const [SEGMENTS, FILE] = ['--syscall segments --keyring /boot/shim', '--syscall file --policy as-kernel'];

describe('load that is killed leaves the old or the new', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it.each([
    ['kernel by kexec_load on x86_64', 'cloud-6.12:amd64', 'default', SEGMENTS],
    ['kernel by kexec_file_load on x86_64', 'cloud-6.12:amd64', 'default', FILE],
    ['crash kernel by kexec_load on x86_64', 'cloud-6.12:amd64', 'crash', SEGMENTS],
  ] as const)('%s', (_, kernel, type, options) => expectOldOrNew({ kernel, type, options }));
});
