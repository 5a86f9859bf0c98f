import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildGdbArguments } from '../../../src/vmcore/summary/gdb-arguments.js';
import { buildElfVmcore } from '../../support/crashed-kernel.js';
import { runProgram, withTemporaryFolder } from '../../support/programs.js';
import { openVmcoreBytes } from '../../support/vmcore.js';
import {
  buildX86CrashedKernel,
  X86_IMAGE_PAGE,
  X86_KERNEL_OFFSET,
  X86_VMALLOC,
  type X86CrashedKernel,
} from '../../support/x86-crashed-kernel.js';

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
const PUSHED = 'rdi rsi rdx rcx rax r8 r9 r10 r11 rbx rbp r12 r13 r14 r15'.split(' ');

/** What gdb calls frames of code that saved all registers. */
const ENTRY = '<signal handler called>';

type FindSymbol = (name: string) => bigint;

/** Links the vmlinux where a kernel is linked. @returns its symbols' addresses, as KASLR moved them */
function buildVmlinux(vmlinux: string): FindSymbol {
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

/** A stack of a page, which grows down. */
class Stack {
  readonly page = new Uint8Array(4096);
  readonly #start: bigint;
  readonly #symbol: FindSymbol;
  #top = this.page.length;

  constructor(start: bigint, symbol: FindSymbol) {
    this.#start = start;
    this.#symbol = symbol;
  }

  get pointer(): bigint {
    return this.#start + BigInt(this.#top);
  }

  push(value: bigint): void {
    this.#top -= 8;
    new DataView(this.page.buffer).setBigUint64(this.#top, value, true);
  }

  /** Pushes `struct pt_regs`, of which the CPU itself pushes the five last fields. */
  interrupt(ip: bigint, cs: bigint, sp: bigint): void {
    for (const value of [0x18n, sp, 0x246n, cs, ip, 0n]) this.push(value);
    for (const name of PUSHED) this.push(name === 'r10' ? 0xbadn : 0n);
  }

  /** Calls a function of C from a place in another one, or in the entry code. */
  call(from: string): void {
    this.push(this.#symbol(from) + (/^(asm|entry)_/.test(from) ? 1n : IN_FUNCTION));
    this.#top -= FRAME_BYTES;
  }
}

/** The stack of a driver that a program called, and that read from a bad address: the panic of an oops. */
function buildOops(symbol: FindSymbol): Partial<X86CrashedKernel> {
  const stack = new Stack(X86_VMALLOC, symbol);
  stack.interrupt(0x401234n, USER_CS, 0x7ffd00001000n);
  stack.call('entry_SYSCALL_64');
  stack.call('do_syscall_64');
  stack.interrupt(symbol('driver_read') + IN_FUNCTION, KERNEL_CS, stack.pointer);
  stack.call('asm_exc_page_fault');
  stack.call('exc_page_fault');
  return { page: stack.page, registers: { rip: symbol('panic') + IN_FUNCTION, rsp: stack.pointer } };
}

/** A panic in an interrupt, on the stack for interrupts, whose last word has the stack pointer of the task. */
function buildPanicInInterrupt(symbol: FindSymbol): Partial<X86CrashedKernel> {
  const task = new Stack(X86_IMAGE_PAGE, symbol);
  task.interrupt(0x401234n, USER_CS, 0x7ffd00001000n);
  task.call('entry_SYSCALL_64');
  task.interrupt(symbol('do_syscall_64') + IN_FUNCTION, KERNEL_CS, task.pointer);
  task.call('asm_sysvec_timer');
  const stack = new Stack(X86_VMALLOC, symbol);
  stack.push(task.pointer);
  stack.call('sysvec_timer');
  return {
    page: stack.page,
    imagePage: task.page,
    registers: { rip: symbol('panic') + IN_FUNCTION, rsp: stack.pointer },
  };
}

const OOPS = ['panic', 'exc_page_fault', ENTRY, 'driver_read', 'do_syscall_64', ENTRY, '??'];
const INTERRUPT = ['panic', 'sysvec_timer', 'sysvec_timer', ENTRY, 'do_syscall_64', ENTRY, '??'];

describe('gdb on the dump of an x86_64 kernel', () => {
  it.each([
    ['an oops, with page tables of four levels', 4, buildOops, OOPS, 3],
    ['an oops, with page tables of five levels', 5, buildOops, OOPS, 3],
    ['a panic in an interrupt', 4, buildPanicInInterrupt, INTERRUPT, 4],
  ] as const)('unwinds %s', (_, levels, build, expected, interrupted) => {
    withTemporaryFolder((folder) => {
      const [vmcore, vmlinux] = [join(folder, 'vmcore'), join(folder, 'vmlinux')];
      const stacks = build(buildVmlinux(vmlinux));
      const log = { kind: 'ring', textBits: 12, firstId: 5n, records: [] } as const;
      const dump = buildElfVmcore(buildX86CrashedKernel({ levels, physBase: 0x2000_0000n, log, ...stacks }));
      writeFileSync(vmcore, dump);
      const args = buildGdbArguments(openVmcoreBytes(dump), vmcore, vmlinux);
      const asked = ['-ex', `frame ${interrupted}`, '-ex', 'p/x $r10'];
      const said = runProgram('gdb-multiarch', ['-nx', '-batch', ...args, ...asked]);
      const backtrace = said.slice(said.indexOf('\n#0', said.indexOf('Thread')));
      const names = [...backtrace.matchAll(/^#\d+ +(?:0x[0-9a-f]+ in )?(<.*>|\S+)/gm)].map(
        ([, name]) => name,
      );
      expect(names.slice(0, expected.length), said).toEqual(expected);
      expect(backtrace).toContain('0x0000000000401234 in ??');
      // The registers of what was interrupted are those that the entry code saved.
      expect(said).toMatch(/= 0xbad$/m);
    });
  });
});
