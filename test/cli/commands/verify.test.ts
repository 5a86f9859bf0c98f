import { describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.js';
import { WITNESS_FILE } from '../../support/witness.js';

describe('kexec-file plan', () => {
  it('loads an unsigned kernel with --policy permissive, and the trail says so', () => {
    const { status, stdout } = runCli('plan', WITNESS_FILE, '--policy', 'permissive');
    expect(status).toBe(0);
    expect(stdout).toMatch(/note +signature +ELIBBAD .*because the policy is permissive/);
  });
});
