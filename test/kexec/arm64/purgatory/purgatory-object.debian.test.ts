import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../../scripts/build-assembly.mjs', import.meta.url));
describe('build-assembly.mjs', () => {
  it('builds the object that is checked in', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^(.*(purgatory-object\.ts|pvh-entry-code\.ts|loader-program\.ts|witness\.Image): up to date\n){6}$/,
    );
  });
});
