/** The purgatory of kexec-tools for x86_64, out of its program, with the segments of a load by this project. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EM_X86_64, ET_REL } from '../dist/formats/elf/format.js';
import { loadPurgatory } from '../dist/kexec/x86-64/purgatory/load-purgatory.js';
import { debianPackage, fetchDebianPackages } from '../scripts/debian.mjs';

const PACKAGE = 'kexec-tools:amd64';

/** What its `struct sha256_region` and `struct entry64_regs` take: quadwords. */
const REGIONS = 16;
const REGISTERS = ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rsp', 'rbp'].concat(
  Array.from({ length: 8 }, (_, index) => `r${index + 8}`),
  'rip',
);
const SECTION_HEADER_SIZE = 64;

/**
 * Replaces the purgatory of a kimage by that of kexec-tools. It verifies the same segments, and enters the same kernel. A
 * digest that does not hold makes it loop for ever.
 *
 * @param kimage - planned for x86_64, with room for it where its own purgatory is
 * @param kernelEntry - a physical address
 */
export function replacePurgatory(kimage, kernelEntry) {
  fetchDebianPackages([PACKAGE]);
  const own = kimage.segments.find(({ name }) => name === 'purgatory');
  const verified = kimage.segments.filter(({ name }) => name !== 'purgatory');
  const purgatory = loadPurgatory(readPurgatory(join(debianPackage(PACKAGE), 'sbin/kexec')));
  if (purgatory.size > own.memsz) throw new Error(`it takes ${purgatory.size} bytes, more than ${own.memsz}`);
  const bootParams = kimage.segments.find(({ name }) => name === 'boot-params').mem;
  purgatory.setSymbol(
    'sha256_regions',
    encodeQuadwords(
      verified.flatMap(({ mem, memsz }) => [mem, memsz]),
      2 * REGIONS,
    ),
  );
  purgatory.setSymbol('sha256_digest', digest(verified));
  const registers = { rsi: bootParams, rip: kernelEntry };
  purgatory.setSymbol(
    'entry64_regs',
    encodeQuadwords(
      REGISTERS.map((name) => registers[name] ?? 0n),
      REGISTERS.length,
    ),
  );
  const { bytes, entry } = purgatory.link(own.mem);
  return { ...kimage, entry, segments: [{ ...own, bytes }, ...verified] };
}

/** The one relocatable object for x86_64 in the program. */
function readPurgatory(path) {
  const program = readFileSync(path);
  for (
    let at = program.indexOf('\x7fELF', 1, 'latin1');
    at > 0;
    at = program.indexOf('\x7fELF', at + 1, 'latin1')
  ) {
    if (program.readUInt16LE(at + 16) !== ET_REL || program.readUInt16LE(at + 18) !== EM_X86_64) continue;
    // The table of sections is the last in the file.
    const sections = program.readUInt16LE(at + 60);
    const end = at + Number(program.readBigUInt64LE(at + 40)) + sections * SECTION_HEADER_SIZE;
    return new Uint8Array(program.subarray(at, end));
  }
  throw new Error(`${path} contains no purgatory`);
}

function digest(segments) {
  const pieces = segments.flatMap(({ bytes, memsz }) => [
    bytes,
    new Uint8Array(Number(memsz) - bytes.length),
  ]);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return new Uint8Array(hash.digest());
}

function encodeQuadwords(values, count) {
  const bytes = Buffer.alloc(8 * count);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(value, 8 * index);
  return new Uint8Array(bytes);
}
