import { describe, expect, it } from 'vitest';
import { Trail } from '../../../src/base/trail.js';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import { probeBzimage } from '../../../src/kexec/x86-64/probe-bzimage.js';
import { buildBzimage } from '../../support/bzimage.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';
import { buildImage } from '../../support/image.js';
import { buildX86Machine } from '../../support/x86-pc.js';

/** Changes bytes of a good kernel. */
function withBytes(at: number, ...bytes: readonly number[]): Uint8Array {
  const kernel = buildBzimage();
  kernel.set(bytes, at);
  return kernel;
}

const EFI_32 = buildX86Machine({ efi: { platformSize: 32 } });

describe('the nine checks of the probe', () => {
  it.each([
    ['1: 1023 bytes', buildBzimage().subarray(0, 1023), 'bzimage-header'],
    ['2: no HdrS', withBytes(0x202, 0x68), 'bzimage-header'],
    ['3: boot_flag', withBytes(0x1fe, 0x54), 'bzimage-header'],
    ['4: protocol 2.11', buildBzimage({ version: 0x020b }), 'bzimage-protocol'],
    ['5: not loaded high', buildBzimage({ loadflags: 0xfe }), 'bzimage-protocol'],
    ['6: no 64-bit entry', buildBzimage({ xloadflags: 0x7e }), 'bzimage-protocol'],
    ['7: not above 4 GiB', buildBzimage({ xloadflags: 0x7d }), 'bzimage-protocol'],
  ])('%s', (_, kernel, check) => {
    const refusal = catchRefusal(() => probeBzimage(kernel, new Trail()));
    expect(refusal).toMatchObject({ check, errno: 'ENOEXEC' });
  });

  it("names another architecture's kernel, and asks for a bzImage", () => {
    const refusal = catchRefusal(() => probeBzimage(buildImage(), new Trail()));
    expect(refusal?.seen).toContain('the file is a kernel (arm64 Image)');
    expect(refusal?.cure).toMatch(/^take a bzImage/);
  });

  it('8: firmware of 32 bits, as long as its services are in use', () => {
    const refusal = catchRefusal(() => probeBzimage(buildBzimage(), new Trail(), EFI_32));
    expect(refusal).toMatchObject({ check: 'bzimage-firmware', errno: 'ENOEXEC' });
    probeBzimage(buildBzimage(), new Trail(), { ...EFI_32, commandLine: 'efi=noruntime' });
  });

  it('9: five levels', () => {
    const machine = buildX86Machine({}, { fiveLevels: true });
    const refusal = catchRefusal(() => probeBzimage(buildBzimage({ xloadflags: 3 }), new Trail(), machine));
    expect(refusal).toMatchObject({ check: 'bzimage-levels', errno: 'ENOEXEC' });
    probeBzimage(buildBzimage(), new Trail(), machine);
  });
});

describe('setup code and command line', () => {
  it.each([
    [0x5000 - 1, 'bzimage-setup ENOEXEC'],
    [0x5000, 'loads'],
  ])('a file of %i bytes %s', (length, expected) => {
    const result = kexecFileLoad({ kernel: buildBzimage().subarray(0, length) }, buildX86Machine());
    const seen = 'refusal' in result ? `${result.refusal.check} ${result.refusal.errno}` : 'loads';
    expect(seen).toBe(expected);
  });

  it.each([
    [2016, 'loads'],
    [2017, 'bzimage-command-line'],
  ])('a command line of %i characters: %s', (length, expected) => {
    const options = { commandLine: 'x'.repeat(length) };
    const result = kexecFileLoad({ kernel: buildBzimage(), options }, buildX86Machine());
    expect('refusal' in result ? result.refusal.check : 'loads').toBe(expected);
  });
});

it('ends in a kimage or a refusal, whatever bit is flipped', () => {
  const kernel = buildBzimage({ kernelSize: 0x200 });
  const machine = buildX86Machine();
  for (const bytes of flipEachBit(kernel.subarray(0x1f0), 0x80)) {
    const changed = Uint8Array.from(kernel);
    changed.set(bytes.subarray(0, 0x80), 0x1f0);
    const result = kexecFileLoad({ kernel: changed }, machine);
    expect('kimage' in result || result.refusal.errno).toBeTruthy();
  }
});
