import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildGdbArguments } from '../../../src/vmcore/summary/gdb-arguments.js';
import { buildElfVmcore } from '../../support/crashed-kernel.js';
import { runProgram, withTemporaryFolder } from '../../support/programs.js';
import { openVmcoreBytes } from '../../support/vmcore.js';
import { buildX86CrashedKernel, X86_KERNEL_OFFSET, X86_VMALLOC } from '../../support/x86-crashed-kernel.js';

const SOURCE = fileURLToPath(new URL('x86-vmlinux.S', import.meta.url));

/** The segments of the kernel's code and of a program's: GDT_ENTRY_KERNEL_CS and GDT_ENTRY_DEFAULT_USER_CS. */
const KERNEL_CS = 0x10n;
const USER_CS = 0x33n;

/**
 * How far a function of the vmlinux has run: the stack pointer is 24 bytes below the return address, also before the last
 * instruction, where gdb looks.
 */
const IN_FUNCTION = 5n;
const FRAME_BYTES = 24;

/** What the entry code pushes of `struct pt_regs`, in this order: PUSH_REGS of arch/x86/entry/calling.h. */
const PUSHED = [
  'rdi',
  'rsi',
  'rdx',
  'rcx',
  'rax',
  'r8',
  'r9',
  'r10',
  'r11',
  'rbx',
  'rbp',
  'r12',
  'r13',
  'r14',
  'r15',
];

/** Links the vmlinux where a kernel is linked. @returns its symbols' addresses, as KASLR moved them */
function buildVmlinux(vmlinux: string): (name: string) => bigint {
  runProgram('x86_64-linux-gnu-as', ['-g', '-o', `${vmlinux}.o`, SOURCE]);
  // The entry is physical, as a kernel's: gdb ends a backtrace in the function that has the entry.
  const options = ['-Ttext=0xffffffff81000000', '-e', '0x1000000'];
  runProgram('x86_64-linux-gnu-ld', [...options, '-o', vmlinux, `${vmlinux}.o`]);
  const symbols = runProgram('x86_64-linux-gnu-nm', [vmlinux]);
  return (name) => {
    const [, address = ''] = new RegExp(`^([0-9a-f]+) T ${name}$`, 'm').exec(symbols) ?? [];
    return BigInt(`0x${address}`) + X86_KERNEL_OFFSET;
  };
}

/** The stack of a driver that a program called, and that read from a bad address: the panic of an oops. */
function buildStack(symbol: (name: string) => bigint): {
  page: Uint8Array;
  registers: Record<string, bigint>;
} {
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  let top = page.length;
  const push = (value: bigint): bigint => {
    top -= 8;
    view.setBigUint64(top, value, true);
    return X86_VMALLOC + BigInt(top);
  };
  /** `struct pt_regs`, of which the five last fields were pushed by the CPU. */
  const pushRegisters = (ip: bigint, cs: bigint, sp: bigint): void => {
    for (const value of [0x18n, sp, 0x246n, cs, ip, 0n]) push(value);
    for (const name of PUSHED) push(name === 'r10' ? 0xbadn : 0n);
  };
  const call = (from: string): void => {
    push(symbol(from) + (from.includes('entry') || from.startsWith('asm_') ? 1n : IN_FUNCTION));
    top -= FRAME_BYTES;
  };
  pushRegisters(0x401234n, USER_CS, 0x7ffd00001000n);
  call('entry_SYSCALL_64');
  call('do_syscall_64');
  pushRegisters(symbol('driver_read') + IN_FUNCTION, KERNEL_CS, X86_VMALLOC + BigInt(top));
  call('asm_exc_page_fault');
  call('exc_page_fault');
  return {
    page,
    registers: { rip: symbol('panic') + IN_FUNCTION, rsp: X86_VMALLOC + BigInt(top), cs: KERNEL_CS },
  };
}

describe('gdb on the dump of an x86_64 kernel', () => {
  it.each([4, 5] as const)('unwinds a stack in the vmalloc area, with page tables of %d levels', (levels) => {
    withTemporaryFolder((folder) => {
      const [vmcore, vmlinux] = [join(folder, 'vmcore'), join(folder, 'vmlinux')];
      const stack = buildStack(buildVmlinux(vmlinux));
      const log = { kind: 'ring', textBits: 12, firstId: 5n, records: [] } as const;
      const dump = buildElfVmcore(buildX86CrashedKernel({ levels, physBase: 0x2000_0000n, log, ...stack }));
      writeFileSync(vmcore, dump);
      const args = buildGdbArguments(openVmcoreBytes(dump), vmcore, vmlinux);
      const said = runProgram('gdb-multiarch', [
        '-nx',
        '-batch',
        ...args,
        '-ex',
        'frame 3',
        '-ex',
        'p/x $r10',
      ]);
      const stackOfPanic = said.slice(
        said.indexOf('\n#0', said.indexOf('Thread')),
        said.indexOf('Backtrace stopped'),
      );
      const names = [...stackOfPanic.matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(\)/gm)].map(
        ([, name]) => name,
      );
      expect(names, said).toEqual([
        ...['panic', 'exc_page_fault', 'asm_exc_page_fault', 'driver_read'],
        ...['do_syscall_64', 'entry_SYSCALL_64', '??'],
      ]);
      expect(stackOfPanic).toContain('0x0000000000401234 in ??');
      // The registers of the driver are those that the exception saved.
      expect(said).toMatch(/= 0xbad$/m);
    });
  });
});
