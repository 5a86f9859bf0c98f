import { expect, it } from 'vitest';
import type { TrailEntry } from '../../../src/base/trail.js';
import { listWarnings } from '../../../src/base/warnings.js';
import { buildCpio } from '../../../src/formats/cpio.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { loadKernelFile } from '../../../src/kexec/load-kernel-file.js';
import type { KernelOptions } from '../../../src/machine/kernel-config.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';
import { buildUefiTree, MAINLINE_KERNEL, PATCHED_KERNEL } from '../../support/uefi.js';

const INITRD = buildCpio([{ name: 'init', type: 'file', bytes: new Uint8Array(9) }]);

/** The warnings about a kernel with this configuration, and an initrd that is not compressed. */
async function warn(config: KernelOptions): Promise<string[]> {
  const kernel = buildImage();
  kernel.set(new TextEncoder().encode('Linux version 6.12.1-test (a@b) (gcc) #1\0'), 100);
  const machine = buildMachine({ kernel: { release: '6.12.1-test', config } });
  const request = { kernel, initrd: INITRD, options: { commandLine: 'root=/dev/vda' } };
  const { trail } = await loadKernelFile(request, machine, {
    decompress: nodeDecompress,
    hashes: nodeHashes,
  });
  return trail.filter(({ cure }) => cure !== undefined).map(({ check }) => check);
}

it('the configuration of the next kernel counts also with an initrd that is not compressed', async () => {
  expect(await warn({ BLK_DEV_INITRD: 'y' })).toEqual([]);
  expect(await warn({})).toEqual(['initrd-support']);
  const forced = { BLK_DEV_INITRD: 'y', CMDLINE: 'root=/dev/vdb', CMDLINE_FORCE: 'y' };
  expect(await warn(forced)).toEqual(['command-line-present']);
});

it('a property that the kernel asks for in the device tree that it gets is missed, and --strict refuses the load', async () => {
  const deviceTree = writeFdt(buildUefiTree({ lacks: ['linux,uefi-secure-boot'] }));
  const machine = buildMachine({ arm64: { deviceTree } });
  const load = (kernel: Uint8Array, strict = false) =>
    loadKernelFile({ kernel, initrd: INITRD, options: { commandLine: 'root=/dev/vda', strict } }, machine, {
      decompress: nodeDecompress,
      hashes: nodeHashes,
    });
  const warningsOf = ({ trail }: { trail: readonly TrailEntry[] }) =>
    listWarnings(trail).map(({ check }) => check);
  expect(warningsOf(await load(MAINLINE_KERNEL))).toEqual([]);
  expect(warningsOf(await load(PATCHED_KERNEL))).toEqual(['uefi-properties']);
  expect(await load(PATCHED_KERNEL, true)).toMatchObject({
    refusal: { check: 'uefi-properties', errno: 'ENODATA' },
  });
});
