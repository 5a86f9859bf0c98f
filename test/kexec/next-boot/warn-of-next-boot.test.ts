import { expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { loadKernelFile } from '../../../src/kexec/load-kernel-file.js';
import type { KernelOptions } from '../../../src/machine/kernel-config.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { buildImage } from '../../support/image.js';
import { buildMachine } from '../../support/machine.js';

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
