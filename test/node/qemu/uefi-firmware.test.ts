import { describe, expect, it } from 'vitest';
import { ARM64_PLATFORM } from '../../../src/node/qemu/arm64-platform.js';
import type { QemuPlatform } from '../../../src/node/qemu/qemu-platform.js';
import { buildFirmwareArguments } from '../../../src/node/qemu/uefi-firmware.js';
import { X86_PLATFORM } from '../../../src/node/qemu/x86-platform.js';
import { buildBzimage } from '../../support/bzimage.js';
import { catchRefusal } from '../../support/hostile.js';
import { buildImage, buildStubImage } from '../../support/image.js';

/** A path that exists. */
const FIRMWARE = import.meta.filename;

/** A bzImage that begins as a PE file. */
function buildStubBzimage(): Uint8Array {
  const kernel = buildBzimage();
  kernel.set(new TextEncoder().encode('MZ'));
  return kernel;
}

const withFirmware = (platform: QemuPlatform, ...installed: readonly string[]): QemuPlatform => ({
  ...platform,
  firmware: { ...platform.firmware, installed },
});

/** Each platform, a kernel that UEFI starts there, one that it does not, and the options for the firmware. */
const PLATFORMS = [
  {
    name: 'arm64',
    platform: ARM64_PLATFORM,
    kernel: buildStubImage(),
    withoutStub: buildImage(),
    options: ['-bios', FIRMWARE],
  },
  {
    name: 'x86_64',
    platform: X86_PLATFORM,
    kernel: buildStubBzimage(),
    withoutStub: buildBzimage(),
    options: ['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${FIRMWARE}`],
  },
];

describe.each(PLATFORMS)('UEFI firmware for $name', ({ platform, kernel, withoutStub, options }) => {
  it('is the first that is installed, or nothing without firmware', () => {
    const installed = withFirmware(platform, '/no/such/file', FIRMWARE);
    expect(buildFirmwareArguments(installed, 'uefi', kernel)).toEqual(options);
    expect(buildFirmwareArguments(withFirmware(platform), 'none', withoutStub)).toEqual([]);
  });

  it('is refused if none is installed, with the paths and the package', () => {
    const missing = withFirmware(platform, '/no/such/file');
    const refused = catchRefusal(() => buildFirmwareArguments(missing, 'uefi', kernel));
    expect(refused).toMatchObject({ check: 'qemu-firmware', errno: 'ENOENT' });
    expect(refused?.seen).toContain('/no/such/file');
    expect(refused?.cure).toContain(platform.firmware.package);
  });

  it('is refused for a kernel without an EFI stub', () => {
    const installed = withFirmware(platform, FIRMWARE);
    expect(catchRefusal(() => buildFirmwareArguments(installed, 'uefi', withoutStub))).toMatchObject({
      check: 'qemu-firmware',
      errno: 'EINVAL',
    });
  });
});
