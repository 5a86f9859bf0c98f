import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHasKexecFileLoad, readPrivileges } from '../../../src/node/live/privileges.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** A folder with these files. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = makeTemporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('privileges', () => {
  it('of root on a machine', () => {
    const root = rootWith({
      'proc/self/status': 'Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n',
      'proc/self/uid_map': '         0          0 4294967295\n',
      'sys/kernel/kexec_loaded': '0\n',
      'sys/kernel/kexec_crash_loaded': '1\n',
    });
    expect(readPrivileges(root)).toEqual({
      capabilities: 0x1ff_ffff_ffffn,
      isFirstUserNamespace: true,
      hasSeccompFilter: false,
      loaded: false,
      crashLoaded: true,
    });
  });

  it('of root in a container', () => {
    const root = rootWith({
      'proc/self/status': 'CapEff:\t00000000a80425fb\nSeccomp:\t2\nSeccomp_filters:\t1\n',
      'proc/self/uid_map': '         0     100000      65536\n',
    });
    expect(readPrivileges(root)).toEqual({
      capabilities: 0xa804_25fbn,
      isFirstUserNamespace: false,
      hasSeccompFilter: true,
    });
  });

  it('are left out if they cannot be read', () => {
    expect(readPrivileges(rootWith({}))).toEqual({});
    expect(readPrivileges(rootWith({ 'proc/self/status': 'CapEff:\tmany\n' }))).toEqual({});
  });

  it('of this process are read by default', () => {
    expect(readPrivileges()).toMatchObject({ capabilities: expect.any(BigInt) });
  });
});

describe('kexec_file_load', () => {
  it.each([
    ['0000000000000000 T __arm64_sys_kexec_file_load', true],
    ['ffff8000080f1f40 W __arm64_sys_kexec_file_load', false],
    ['ffff8000080f1f40 T __arm64_sys_kexec_load', undefined],
  ])('is told by its symbol: %s', (line, expected) => {
    const text = `ffff800008000000 T _text\n${line}\nffff8000080f1f50 T __arm64_sys_reboot\n`;
    expect(readHasKexecFileLoad(rootWith({ 'proc/kallsyms': text }))).toBe(expected);
  });

  it('is unknown without symbols', () => {
    expect(readHasKexecFileLoad(rootWith({}))).toBeUndefined();
  });
});
