import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { readElfMachine } from '../../../src/formats/elf/core-file.js';
import { EM_X86_64 } from '../../../src/formats/elf/format.js';
import { readKdumpHeader } from '../../../src/formats/kdump/header.js';
import { buildVmcoreInfoJson } from '../../../src/view/json/vmcore-json.js';
import { formatVmcoreInfo } from '../../../src/view/text/vmcore-text.js';
import { buildGdbArguments } from '../../../src/vmcore/summary/gdb-arguments.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { buildElfVmcore } from '../../support/crashed-kernel.js';
import { FORMATS, savedBytes } from '../../support/dump-target.js';
import { catchRefusal } from '../../support/hostile.js';
import { openVmcoreBytes, readDmesg } from '../../support/vmcore.js';
import {
  buildX86CrashedKernel,
  X86_LOG,
  X86_VMALLOC,
  X86_VMALLOC_FRAME,
  type X86CrashedKernel,
} from '../../support/x86-crashed-kernel.js';

const log: X86CrashedKernel['log'] = {
  kind: 'ring',
  textBits: 12,
  firstId: 5n,
  records: [{ time: 1_000_000n, text: new TextEncoder().encode('Kernel panic - not syncing: a test') }],
};
const LINE = '[    0.001000] Kernel panic - not syncing: a test\n';

const SHAPES: [string, X86CrashedKernel][] = [
  ['page tables of four levels', { levels: 4, physBase: 0x2000_0000n, log }],
  ['page tables of five levels', { levels: 5, physBase: 0x2000_0000n, log }],
  ['a phys_base below 0', { levels: 4, physBase: BigInt.asUintN(64, -0x1000_0000n), log }],
  ['encrypted memory', { levels: 4, physBase: 0n, encryptionMask: 1n << 47n, log }],
];

describe.each(SHAPES)('the dump of an x86_64 kernel with %s', (_, kernel) => {
  const parts = buildX86CrashedKernel(kernel);
  const dump = buildElfVmcore(parts);
  const { physBase } = kernel;

  it('is translated by its page tables, in pages of 2 MiB and of 4 KiB', () => {
    const { virtual } = openVmcoreBytes(dump);
    const log = BigInt.asUintN(64, X86_LOG - 0xffffffff80000000n + physBase);
    expect(virtual.translate(X86_LOG + 0x1_f123n)).toBe(log + 0x1_f123n);
    expect(virtual.translate(X86_VMALLOC + 0x10n)).toBe(X86_VMALLOC_FRAME + 0x10n);
    expect(virtual.read(X86_VMALLOC + 8n, 4)).toEqual(new Uint8Array(4).fill(0x5a));
    expect(catchRefusal(() => virtual.translate(X86_VMALLOC + 0x1000n))).toMatchObject({
      check: 'dump-address',
      errno: 'EFAULT',
      seen: '0xffffc90000124000 is not mapped',
    });
  });

  it('without addresses, as a hypervisor writes it, has the same log', () => {
    const pieces = parts.pieces.map((piece) => ({ ...piece, virtual: 0n }));
    const bare = buildElfVmcore({ ...parts, pieces });
    expect(openVmcoreBytes(bare).isOfHypervisor).toBe(true);
    expect(readDmesg(bare)).toEqual({ text: LINE, problems: [] });
  });

  it.each(FORMATS)('is the same as $format, $compression', (format) => {
    const copy = savedBytes(dump, format, 1);
    const source = createByteSource(copy);
    if (format.format === 'elf') expect(readElfMachine(source)).toBe(EM_X86_64);
    else {
      const header = readKdumpHeader(source);
      expect(header.elfMachine).toBe(EM_X86_64);
      // phys_base is the first field of struct kdump_sub_header.
      expect(new DataView(copy.buffer, copy.byteOffset).getBigUint64(header.blockSize, true)).toBe(physBase);
    }
    expect(readDmesg(copy)).toEqual({ text: LINE, problems: [] });
    expect(summarizeVmcore(openVmcoreBytes(copy)).cpus).toEqual(summarizeVmcore(openVmcoreBytes(dump)).cpus);
    const page = openVmcoreBytes(copy).virtual.read(X86_VMALLOC, 4096);
    expect(Buffer.compare(page, new Uint8Array(4096).fill(0x5a))).toBe(0);
  });
});

describe('the registers of x86_64', () => {
  const vmcore = openVmcoreBytes(buildElfVmcore(buildX86CrashedKernel({ levels: 4, physBase: 0n, log })));
  const info = summarizeVmcore(vmcore);

  it('have their names, in the order of struct user_regs_struct', () => {
    const [cpu] = buildVmcoreInfoJson(info).cpus;
    expect(Object.keys(cpu ?? {}).join(' ')).toBe(
      'index pid r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs',
    );
    expect(cpu).toMatchObject({
      index: 0,
      pid: 7,
      r15: '0x1000',
      rip: '0x1010',
      rsp: '0x1013',
      gs: '0x101a',
    });
  });

  it('are printed with the lines by which addresses are translated', () => {
    const text = formatVmcoreInfo(info);
    expect(text).toContain('0: pid 7, rip 0x1010, rsp 0x1013, rbp 0x1004, eflags 0x1012');
    for (const name of ['NUMBER(phys_base)', 'NUMBER(pgtable_l5_enabled)', 'SYMBOL(init_top_pgt)'])
      expect(text).toContain(name);
  });

  it('need no stack for gdb, if the CPU was stopped in a program', () => {
    const [core, symbols, python] = buildGdbArguments(vmcore, 'vmcore', 'vmlinux').filter(
      (word) => word !== '-ex',
    );
    expect([core, symbols]).toEqual(['core-file vmcore', 'symbol-file vmlinux -o 0x1a000000']);
    expect(python).toMatch(/^python exec\("import os,struct,tempfile,gdb\.unwinder as u\\nT=\{\}/);
  });
});
