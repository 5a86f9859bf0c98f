import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadKernelFile } from '../../src/kexec/load-kernel-file.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { bootInQemu } from '../../src/node/qemu/boot-qemu.js';
import { recordFromQemu } from '../../src/node/qemu/record-qemu.js';
import { expectRefusal } from '../support/load.js';
import { asArm64 } from '../support/machine.js';
import { runProgram, withTemporaryFolder } from '../support/programs.js';
import { BOOT_TIMEOUT } from '../support/witness.js';

const SOURCE = fileURLToPath(new URL('big-endian.S', import.meta.url));

/** A kernel as a build produces it: vmlinux, a big-endian ELF file, and the Image made from it. */
function buildBigEndian(): { readonly vmlinux: Uint8Array; readonly image: Uint8Array } {
  return withTemporaryFolder((cwd) => {
    const script = 'SECTIONS { . = 0xffff800080000000; .head.text : { *(.head.text) } }';
    runProgram('sh', ['-c', 'echo "$1" > script.ld', 'sh', script], { cwd });
    runProgram('aarch64-linux-gnu-as', ['-EB', '-o', 'in.o', SOURCE], { cwd });
    runProgram(
      'aarch64-linux-gnu-ld',
      ['-EB', '-m', 'aarch64linuxb', '-e', '_text', '-T', 'script.ld', '-o', 'vmlinux', 'in.o'],
      { cwd },
    );
    runProgram('aarch64-linux-gnu-objcopy', ['-O', 'binary', 'vmlinux', 'Image'], { cwd });
    const read = (name: string) => new Uint8Array(readFileSync(join(cwd, name)));
    return { vmlinux: read('vmlinux'), image: read('Image') };
  });
}

const { vmlinux, image } = buildBigEndian();
const opening = { decompress: nodeDecompress, hashes: nodeHashes };

describe('a big-endian kernel', { timeout: BOOT_TIMEOUT }, () => {
  it.each([
    ['an Image at EL1', image, 'virt'],
    ['an Image at EL2', image, 'virt,virtualization=on'],
    ['a vmlinux', vmlinux, 'virt'],
  ])('is entered as any other: %s', async (_, kernel, machine) => {
    const qemu = { machine, cpu: 'cortex-a57', memory: '512M', cpus: 1 };
    const result = await loadKernelFile({ kernel }, await recordFromQemu(qemu), opening);
    if ('refusal' in result) throw result.refusal;
    expect(result.trail).toContainEqual({
      check: 'image-endianness',
      verdict: 'ok',
      detail: 'the Image is big-endian; the CPUs can do both',
    });
    let console = '';
    const onConsole = (text: string) => {
      console += text;
    };
    expect(await bootInQemu(result.kimage, qemu, { timeout: 20, onConsole })).toEqual({ poweredOff: true });
    expect(console).toContain('big-endian: entered\n');
    expect(console).toContain('big-endian: the device tree reads as it is written\n');
  });

  it('is refused if the CPUs do not support both byte orders, as the kernel refuses it', async () => {
    const recorded = asArm64(
      await recordFromQemu({ machine: 'virt', cpu: 'cortex-a57', memory: '512M', cpus: 1 }),
    );
    const arm64 = { ...recorded.arm64, mixedEndian: false };
    const { refusal } = expectRefusal({ kernel: image }, { ...recorded, arm64 });
    expect(refusal).toMatchObject({ check: 'image-endianness', errno: 'EINVAL' });
  });
});
