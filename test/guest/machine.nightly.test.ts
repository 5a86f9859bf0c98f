/** An older kernel: machine.test.ts records Linux 6.12, and test/machine has what older ones say. */
import { describe, it } from 'vitest';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { expectSameMachine } from './recorded-guest.js';

describe('machine record in a guest', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('records the same machine of Linux 6.1 live, from a tar and from a folder', () =>
    expectSameMachine('cloud-6.1'));
});
