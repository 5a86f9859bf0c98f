import { describe, expect, it } from 'vitest';
import { parseCaptureTarget } from '../../src/crash/capture/capture-target.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { catchRefusal } from '../support/hostile.js';

const NETWORK = {
  seen: /in the network, which kexec-file cannot save to$/,
  cure: /kdump-utils .*kdump-tools/,
};
const LUKS = {
  seen: /an encrypted disk or a logical volume/,
  cure: /neither cryptsetup nor lvm.*kdump-utils/,
};

describe('field/26: targets that are not there', () => {
  it.each([
    ['ssh=user@host:/var/crash', NETWORK],
    ['nfs=host:/var/crash', NETWORK],
    ['nfs4=[fe80::1]:/x', NETWORK],
    ['ftp=host:/x', NETWORK],
    ['user@host:/var/crash', NETWORK],
    ['nfs://host/x', NETWORK],
    ['cifs=//host/share', NETWORK],
    ['luks=UUID:/var/crash', LUKS],
    ['dev=/dev/mapper/crash:/var/crash', LUKS],
    ['raw=/dev/dm-0', LUKS],
  ])('%s is refused, with what has it', (text, { seen, cure }) => {
    expect(catchRefusal(() => parseCaptureTarget(text))).toMatchObject({
      check: 'capture-target',
      errno: 'EINVAL',
      seen: expect.stringMatching(seen),
      cure: expect.stringMatching(cure),
    });
  });

  it('a mistyped target is only mistyped', () => {
    const cure = catchRefusal(() => parseCaptureTarget('disk=/dev/sda1'))?.cure;
    expect(cure).toMatch(/^give --save one of these forms/);
  });

  it('the command prints it', () => {
    const output = `${makeTemporaryFolder()}/i.img`;
    const { status, stderr } = runCli('crash', 'initrd', '-o', output, '--save', 'ssh=user@host:/var/crash');
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot save to[\s\S]*cure .*kdump-tools/);
  });
});
