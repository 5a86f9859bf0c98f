import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildExecutable } from '../../src/formats/elf/executable.js';
import { runProgram, withTemporaryFolder } from './programs.js';

/** The loaded part of a vmlinux: one PT_LOAD, an Image whose memory is larger than its bytes. */
export function buildVmlinux(image: Uint8Array): Uint8Array {
  const segments = [{ physicalAddress: 0x80_0000n, bytes: image, memorySize: BigInt(image.length) + 4096n }];
  return new Uint8Array(Buffer.concat(buildExecutable({ entry: 0x80_0000n, segments })));
}

/** The link address of arm64 kernels with 48 bits of virtual addresses (`KIMAGE_VADDR`). */
const KIMAGE_VADDR = '0xffff800080000000';

/** Links an Image by GNU ld as a kernel build links vmlinux: an executable at virtual addresses, with symbols. */
export function linkVmlinux(image: Uint8Array): Uint8Array {
  return withTemporaryFolder((folder) => {
    writeFileSync(join(folder, 'Image'), image);
    writeFileSync(join(folder, 'in.s'), '.section .head.text, "ax"\n.global _text\n_text: .incbin "Image"\n');
    const script = `ENTRY(_text) SECTIONS { . = ${KIMAGE_VADDR}; .head.text : { *(.head.text) } }`;
    writeFileSync(join(folder, 'script.ld'), script);
    runProgram('aarch64-linux-gnu-as', ['-o', 'in.o', 'in.s'], { cwd: folder });
    runProgram('aarch64-linux-gnu-ld', ['-T', 'script.ld', '-o', 'vmlinux', 'in.o'], { cwd: folder });
    return new Uint8Array(readFileSync(join(folder, 'vmlinux')));
  });
}
