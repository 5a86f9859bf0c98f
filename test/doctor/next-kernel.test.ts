import { describe, expect, it } from 'vitest';
import { describeNextKernel } from '../../src/doctor/next-kernel.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';

/** An Image that contains a text. */
function imageWith(text: string): Uint8Array {
  const image = buildImage();
  image.set(new TextEncoder().encode(text), 1000);
  return image;
}

describe('the configuration of a kernel', () => {
  const config = { RD_XZ: 'y' };
  const machine = buildMachine({
    kernel: { release: '6.12.1', config },
    commandLine: 'BOOT_IMAGE=/a quiet crashkernel=1G',
  });
  const same = imageWith('Linux version 6.12.1 (');
  const other = imageWith('Linux version 6.12.2 (');

  it("is the running kernel's if the release is the same or no kernel is given", () => {
    expect(describeNextKernel(machine, { kernel: same }).options).toEqual(config);
    expect(describeNextKernel(machine, {}).options).toEqual(config);
    expect(describeNextKernel(machine, { kernel: other }).options).toBeUndefined();
    expect(describeNextKernel(machine, { kernel: buildImage() }).options).toBeUndefined();
    expect(
      describeNextKernel(buildMachine({ kernel: { config } }), { kernel: buildImage() }).options,
    ).toBeUndefined();
  });

  it('is the given one if there is one', () => {
    expect(describeNextKernel(machine, { kernel: same, options: {} }).options).toEqual({});
  });

  it('has the command line that a load reuses', () => {
    expect(describeNextKernel(machine, {}).commandLine).toBe('quiet crashkernel=1G');
    expect(describeNextKernel(machine, { panic: true }).commandLine).toBe('quiet');
    expect(describeNextKernel(machine, { commandLine: 'other' }).commandLine).toBe('other');
  });
});
