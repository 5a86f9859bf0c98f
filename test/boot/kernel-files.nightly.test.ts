/** Debian's kernel in other files: kernel-files.test.ts has the witness in each of them, and Debian's kernel in a UKI. */
import { describe, it } from 'vitest';
import { buildFit, buildZboot, compress } from '../support/kernel-files.js';
import { buildSmallDeviceTree } from '../support/machine.js';
import { linkVmlinux } from '../support/vmlinux.js';
import {
  buildGreeter,
  expectGreeting,
  GREETING_TIMEOUT,
  readKernel,
  WITH_COMMAND_LINE,
} from './booted-files.js';

describe("boot reaches the greeting of the initrd, with Debian's kernel, from", {
  timeout: GREETING_TIMEOUT,
}, () => {
  it('a zboot image', () => {
    const image = readKernel();
    const zboot = buildZboot(compress(image, 'zstd'), 'zstd', image.length);
    expectGreeting(zboot, WITH_COMMAND_LINE, buildGreeter());
  });

  it('a FIT by its own initrd, and the device tree of the machine', () => {
    const images = {
      kernel: compress(readKernel(), 'gzip', '-1'),
      ramdisk: buildGreeter(),
      fdt: buildSmallDeviceTree(),
    };
    expectGreeting(buildFit({ ...images, compression: 'gzip' }), WITH_COMMAND_LINE);
  });

  it('a vmlinux', () => {
    expectGreeting(linkVmlinux(readKernel()), WITH_COMMAND_LINE, buildGreeter());
  });

  it('an xz file, at random places', () => {
    expectGreeting(compress(readKernel(), 'xz'), [...WITH_COMMAND_LINE, '--randomize', '7'], buildGreeter());
  });
});
