/** One failure more: rehearse.test.ts has another, and test/crash/rehearsal/outcome.test.ts what is made of every console. */
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { GUEST_TEST_TIMEOUT } from './guest.js';
import { rehearse } from './rehearse-server.js';

describe('kexec-file crash rehearse', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('reports that the capture kernel printed nothing', async () => {
    const { status, report, console } = await rehearse(
      makeTemporaryFolder(),
      ...['--capture-kernel', 'test/witness/witness.Image'],
    );
    expect([status, report.stage]).toEqual([1, 'capture-kernel']);
    expect(report.seen).toContain('purgatory entered the capture kernel, which printed nothing');
    expect(console).toContain('witness');
  });
});
