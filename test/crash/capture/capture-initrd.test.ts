import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { buildCaptureInitrd, type CaptureInitrd } from '../../../src/crash/capture/capture-initrd.js';
import { CAPTURE_SCRIPT } from '../../../src/crash/capture/capture-script.js';
import { parseCpio } from '../../../src/formats/cpio.js';

const INITRD: CaptureInitrd = {
  busybox: Buffer.from('busybox'),
  collector: 'echo collected\n',
  modules: [
    { file: 'nvme_core.ko', bytes: Buffer.from('core') },
    { file: 'nvme.ko', bytes: Buffer.from('nvme') },
  ],
  targets: [
    { kind: 'label', value: 'My dumps', path: '/var/crash' },
    { kind: 'raw', value: '/dev/sda3', path: '' },
  ],
  patience: 30,
  end: 'reboot',
};

/** The files of an archive, by name. */
function filesOf(archive: Uint8Array): Record<string, string> {
  const { entries } = parseCpio(archive);
  return Object.fromEntries(entries.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]));
}

describe('buildCaptureInitrd', () => {
  it('contains the files that its init reads', () => {
    expect(filesOf(buildCaptureInitrd(INITRD))).toMatchObject({
      init: CAPTURE_SCRIPT,
      'bin/busybox': 'busybox',
      'capture/collect.sh': 'echo collected\n',
      'capture/targets': 'label\tMy dumps\t/var/crash\nraw\t/dev/sda3\t\n',
      'capture/patience': '30\n',
      'capture/end': 'reboot\n',
      'capture/modules': 'nvme_core.ko\nnvme.ko\n',
      'lib/modules/nvme.ko': 'nvme',
    });
  });

  it('lists every folder before its contents, and is the same each time', () => {
    const archive = buildCaptureInitrd(INITRD);
    const names = parseCpio(archive).entries.map(({ name }) => name);
    for (const [index, name] of names.entries()) {
      const folder = name.slice(0, Math.max(name.lastIndexOf('/'), 0));
      if (folder !== '') expect(names.slice(0, index)).toContain(folder);
    }
    expect(buildCaptureInitrd(INITRD)).toEqual(archive);
  });

  it('has an init that a shell can parse', () => {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: CAPTURE_SCRIPT, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});
