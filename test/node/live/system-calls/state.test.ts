import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readState } from '../../../../src/node/live/system-calls/state.js';
import { makeTemporaryFolder } from '../../../support/cli.js';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = makeTemporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('readState', () => {
  it('reads the three files', () => {
    const folder = folderWith({
      kexec_loaded: '1\n',
      kexec_crash_loaded: '0\n',
      kexec_crash_size: '268435456\n',
    });
    expect(readState(folder)).toEqual({ loaded: true, crashLoaded: false, crashSize: 0x1000_0000n });
  });

  it('reads the files of newer kernels, which have a folder', () => {
    const folder = folderWith({ kexec_loaded: '0\n' });
    mkdirSync(join(folder, 'kexec'));
    for (const [name, text] of [
      ['loaded', '1\n'],
      ['crash_loaded', '1\n'],
      ['crash_size', '134217728\n'],
    ] as const)
      writeFileSync(join(folder, 'kexec', name), text);
    expect(readState(folder)).toEqual({ loaded: true, crashLoaded: true, crashSize: 0x800_0000n });
  });

  it('reports no crash kernel and no crash region for a kernel without crash dumps', () => {
    expect(readState(folderWith({ kexec_loaded: '0\n' }))).toEqual({
      loaded: false,
      crashLoaded: false,
      crashSize: 0n,
    });
  });

  it.each([
    [{}, 'ENOSYS', /its kernel has no kexec/],
    [{ kexec_loaded: 'yes\n' }, 'EINVAL', /says "yes", which is not a number/],
  ] as const)('refuses %j', (files, errno, seen) => {
    expect(() => readState(folderWith(files))).toThrow(
      expect.objectContaining({ check: 'live-platform', errno, seen: expect.stringMatching(seen) }),
    );
  });
});
