import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { concatenate, encodeU64le } from '../../src/base/bytes.js';
import { buildProgram } from './binutils.js';
import { corpus } from './corpus.js';
import { withTemporaryFolder } from './programs.js';

const SOURCES = ['../../src/kexec/x86-64/purgatory', '../../src/kexec/purgatory'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

const PROGRAM = `
        .include "purgatory.S"
        .equ    BUFFER_SIZE, 1 << 24
        .text
        .globl  _start
_start: mov     16(%rsp), %rsi
        movzbl  (%rsi), %eax
        sub     $'0', %eax
        lea     sha256_ways(%rip), %rcx
        movslq  (%rcx, %rax, 4), %rax
        add     %rcx, %rax
        mov     %rax, sha256_blocks(%rip)
        lea     buffer(%rip), %r12
        mov     %r12, %r13
1:      xor     %eax, %eax
        xor     %edi, %edi
        mov     %r13, %rsi
        lea     buffer + BUFFER_SIZE(%rip), %rdx
        sub     %r13, %rdx
        syscall
        add     %rax, %r13
        test    %rax, %rax
        jg      1b
2:      cmp     %r13, %r12
        jae     3f
        mov     (%r12), %rsi
        lea     8(%r12), %rdi
        lea     (%rdi, %rsi), %r12
        call    digest_region
        mov     $1, %eax
        mov     $1, %edi
        lea     digest(%rip), %rsi
        mov     $32, %edx
        syscall
        jmp     2b
3:      mov     $60, %eax
        xor     %edi, %edi
        syscall
        .bss
buffer: .zero   BUFFER_SIZE
`;

/** The ways in which purgatory hashes, by the numbers that it has for them, and what /proc/cpuinfo calls what they need. */
export const HASHING_WAYS = [
  { way: 'SSE2', needs: ['sse2'] },
  { way: 'AVX2', needs: ['avx2'] },
  { way: 'the SHA instructions', needs: ['sha_ni', 'ssse3'] },
  { way: 'the SHA instructions, and AVX', needs: ['sha_ni', 'avx'] },
] as const;

/** Encodes the input of the program: u64 lengths, each with so many bytes behind it. */
export function encodeRegions(regions: readonly Uint8Array[]): Uint8Array {
  return concatenate(regions.flatMap((bytes) => [encodeU64le(BigInt(bytes.length)), bytes]));
}

/**
 * Builds a program for Linux with purgatory's SHA-256: it reads regions and writes their digests. Its argument is the number of
 * the way, a digit.
 */
export function buildDigestProgram(path: string): void {
  writeFileSync(path, buildProgram(PROGRAM, 'x86-64', ...SOURCES.flatMap((folder) => ['-I', folder])));
  chmodSync(path, 0o755);
}

/** Digests regions by a program, on this machine's CPU if it has the instructions, else in the user mode of a newer QEMU. */
export function digestByProgram(way: number, regions: readonly Uint8Array[]): Uint8Array[] {
  const [, flags = ''] = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
  const needs: readonly string[] = HASHING_WAYS[way]?.needs ?? [];
  const isHere = process.arch === 'x64' && needs.every((flag) => flags.split(' ').includes(flag));
  return withTemporaryFolder((folder) => {
    const path = join(folder, 'digest');
    buildDigestProgram(path);
    const qemu = join(corpus.debianPackage('qemu-user:trixie'), 'usr/bin/qemu-x86_64');
    const [program = path, ...args] = isHere ? [path] : [qemu, '-cpu', 'max', path];
    const input = encodeRegions(regions);
    const { status, signal, stdout, stderr } = spawnSync(program, [...args, String(way)], { input });
    if (status !== 0) throw new Error(`${program} ended with ${status ?? signal}: ${stderr}`);
    return regions.map((_, index) => new Uint8Array(stdout.subarray(index * 32, index * 32 + 32)));
  });
}
