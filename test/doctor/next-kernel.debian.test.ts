import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeNextKernel, findRelease } from '../../src/doctor/next-kernel.js';
import { corpus } from '../support/corpus.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';

/** An Image that contains a text. */
function imageWith(text: string): Uint8Array {
  const image = buildImage();
  image.set(new TextEncoder().encode(text), 1000);
  return image;
}

describe('the release of a kernel', () => {
  it.each(corpus.kernels())('is found in the bytes of $name', ({ path }) => {
    expect(findRelease(readFileSync(path))).toBe(/vmlinuz-(.*)$/.exec(path)?.[1]);
  });

  it('is the word after "Linux version", and nothing else', () => {
    expect(findRelease(imageWith('Linux version 6.12.1-test (somebody@there)'))).toBe('6.12.1-test');
    expect(findRelease(imageWith('Linux version %s, Linux version 6.1 #1'))).toBe('6.1');
    expect(findRelease(imageWith('Linux version '))).toBeUndefined();
    expect(findRelease(imageWith(`Linux version 6${'1'.repeat(100)} `))).toBeUndefined();
    expect(findRelease(new TextEncoder().encode('Linux version 6'))).toBeUndefined();
    expect(findRelease(new Uint8Array(0))).toBeUndefined();
  });
});

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
