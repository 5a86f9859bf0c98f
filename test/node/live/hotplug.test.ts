import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { confirmHotplug, requireHotplug } from '../../../src/node/live/hotplug.js';
import { findHotplugFlag } from '../../../src/node/live/system-calls/kexec-load.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** A file in place of the kernel's report. */
function writeReport(text: string): string {
  const file = join(makeTemporaryFolder(), 'crash_hotplug');
  writeFileSync(file, text);
  return file;
}

describe('requireHotplug', () => {
  it('is for crash kernels', () => {
    expect(() => requireHotplug({}, writeReport('0\n'))).toThrow(
      expect.objectContaining({ check: 'live-option', cure: expect.stringContaining('--panic') }),
    );
  });

  it('takes a kernel whose report says 0 as long as nothing is loaded, and refuses one without a report', () => {
    expect(() => requireHotplug({ type: 'crash' }, writeReport('0\n'))).not.toThrow();
    expect(() => requireHotplug({ type: 'crash' }, '/nonexistent')).toThrow(
      expect.objectContaining({ check: 'crash-hotplug', errno: 'EOPNOTSUPP' }),
    );
  });
});

describe('confirmHotplug', () => {
  it('believes the kernel', () => {
    expect(confirmHotplug(writeReport('1\n'))).toMatchObject({ check: 'crash-hotplug', verdict: 'ok' });
    expect(() => confirmHotplug(writeReport('0\n'))).toThrow(
      expect.objectContaining({ check: 'crash-hotplug', seen: expect.stringContaining('says "0"') }),
    );
  });
});

describe('findHotplugFlag', () => {
  it.each([
    ['6.8.12', 4],
    ['6.10.0', 8],
    ['6.12.117+deb13-cloud-amd64', 8],
    [undefined, 8],
  ])('of Linux %s is %i', (release, flag) => {
    expect(findHotplugFlag(release)).toBe(flag);
  });
});
