import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractVmlinuxImage } from '../../../src/formats/elf/vmlinux.js';
import { assemble } from '../../support/binutils.js';
import { runProgram, withTemporaryFolder } from '../../support/programs.js';
import { BASE, buildSegment, buildVmlinux, image } from './vmlinux-file.js';

const LIMIT = 1 << 20;
const FILE = buildVmlinux([buildSegment(0, 4096), buildSegment(4096, 10_000, 20_000)]);
const FIRST_HEADER = 64;
const SECOND_HEADER = 64 + 56;

describe('the Image of a vmlinux', () => {
  it('equals the output of objcopy for a file that ld linked, in either byte order', () => {
    const source = `.section .head, "ax"
      .quad 0, 0, 0x200000, 0xa, 0, 0, 0
      .ascii "ARM\\x64"
      .long 0
      .text
      nop
      .data
      .quad 0x1122334455667788`;
    const object = assemble(source);
    withTemporaryFolder((folder) => {
      const path = (name: string) => join(folder, name);
      writeFileSync(path('in.o'), object);
      const script = `ENTRY(start) SECTIONS { . = ${BASE}; start = .; .head : { *(.head) } . = ALIGN(0x1000);
        .text : { *(.text) } . = ALIGN(0x1000); .data : { *(.data) } }`;
      writeFileSync(path('script.ld'), script);
      runProgram('aarch64-linux-gnu-ld', ['-T', path('script.ld'), '-o', path('vmlinux'), path('in.o')]);
      runProgram('aarch64-linux-gnu-objcopy', ['-O', 'binary', path('vmlinux'), path('Image')]);
      const linked = new Uint8Array(readFileSync(path('vmlinux')));
      expect(Buffer.compare(extractVmlinuxImage(linked, LIMIT), readFileSync(path('Image')))).toBe(0);
    });
    const big = bigEndian(FILE);
    expect(Buffer.compare(extractVmlinuxImage(big, LIMIT), image)).toBe(0);
  });
});

function withByte(file: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(file);
  copy[offset] = value;
  return copy;
}

/**
 * The headers with every number turned round: a big-endian kernel's vmlinux, whose Image header stays little-endian.
 */
function bigEndian(file: Uint8Array): Uint8Array {
  const copy = withByte(file, 5, 2);
  const turn = (offset: number, width: number) => copy.subarray(offset, offset + width).reverse();
  for (const offset of [16, 18, 52, 54, 56, 58, 60, 62]) turn(offset, 2);
  for (const offset of [20, 48]) turn(offset, 4);
  for (const offset of [24, 32, 40]) turn(offset, 8);
  for (const header of [FIRST_HEADER, SECOND_HEADER]) {
    turn(header, 4);
    turn(header + 4, 4);
    for (let field = 8; field < 56; field += 8) turn(header + field, 8);
  }
  return copy;
}
