import { describe, expect, it } from 'vitest';
import { buildFirmwareArguments } from '../../../src/node/qemu/uefi-firmware.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildImage, buildStubImage } from '../../support/image.js';

const KERNEL = buildStubImage();
/** A path that exists. */
const FIRMWARE = import.meta.filename;

describe('buildFirmwareArguments', () => {
  it('names the first firmware that is installed, or nothing without firmware', () => {
    expect(buildFirmwareArguments('uefi', KERNEL, ['/no/such/file', FIRMWARE])).toEqual(['-bios', FIRMWARE]);
    expect(buildFirmwareArguments('none', KERNEL, [])).toEqual([]);
  });

  it('refuses if none is installed, and names where it was searched', () => {
    const refused = catchRefusal(() => buildFirmwareArguments('uefi', KERNEL, ['/no/such/file']));
    expect(refused).toMatchObject({ check: 'qemu-firmware', errno: 'ENOENT' });
    expect(refused?.seen).toContain('/no/such/file');
  });

  it('refuses a kernel without an EFI stub', () => {
    expect(catchRefusal(() => buildFirmwareArguments('uefi', buildImage(), [FIRMWARE]))).toMatchObject({
      check: 'qemu-firmware',
      errno: 'EINVAL',
    });
  });
});
