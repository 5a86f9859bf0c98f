import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHandoverStatus } from '../../../src/node/live/handover-status.js';
import { makeTemporaryFolder } from '../../support/cli.js';

const RELEASE = { '/proc/sys/kernel/osrelease': '7.3.0\n' };
const WITH_KHO = { ...RELEASE, '/boot/config-7.3.0': 'CONFIG_KEXEC_HANDOVER=y\nCONFIG_LIVEUPDATE=y\n' };

function read(files: Readonly<Record<string, string>>) {
  const root = makeTemporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readHandoverStatus(root);
}

describe('readHandoverStatus', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['scratch areas', { '/sys/kernel/debug/kho/out/scratch_phys': '0x74800000\n' }, 'on'],
    ['only a command line with kho=on', { ...WITH_KHO, '/proc/cmdline': 'kho=on\n' }, 'asked'],
    ['kho=off', { ...WITH_KHO, '/proc/cmdline': 'kho=on kho=off\n' }, 'off'],
    ['a configuration without it', { ...RELEASE, '/boot/config-7.3.0': 'CONFIG_KEXEC=y\n' }, 'off'],
    ['no known configuration', { ...RELEASE, '/proc/cmdline': 'quiet\n' }, 'unknown'],
  ])('finds KHO by %s', (_, files, handover) => {
    expect(read(files)).toEqual({ handover, liveUpdate: false });
  });

  it("finds LUO, which needs KHO, by its device's folder", () => {
    const files = { '/sys/class/misc/liveupdate/dev': '10:123\n' };
    expect(read(files)).toEqual({ handover: 'on', liveUpdate: true });
  });
});
