import { concatenate } from '../../src/base/bytes.js';
import { EM_X86_64 } from '../../src/formats/elf/format.js';
import { X86_DUMPS } from '../../src/vmcore/x86-64/x86-dumps.js';
import { buildNote, buildPrstatus, type DumpParts, type Log, PAGES, writeLog } from './crashed-kernel.js';

/** The dump of an invented kernel for x86_64. */
export interface X86CrashedKernel {
  /** Of its page tables. */
  readonly levels: 4 | 5;
  /** `phys_base`: modulo 2^64, it may be less than 0. */
  readonly physBase: bigint;
  /** `sme_mask`. Default: 0 */
  readonly encryptionMask?: bigint;
  readonly log: Log;
  /** What the page in vmalloc's area has. Default: 0x5a in every byte */
  readonly page?: Uint8Array;
  /** What the page at {@link X86_IMAGE_PAGE} has. Default: zeros */
  readonly imagePage?: Uint8Array;
  /** The registers of its only CPU, by name. Default: 0x1000 and so on, in their order */
  readonly registers?: Readonly<Record<string, bigint>>;
}

const PAGE = 4096n;
const IMAGE = 0xffffffff80000000n;
/** Where KASLR put the image, in bytes from {@link IMAGE}: of 2 MiB, as the page that maps it. */
const SHIFT = 0x1a00_0000n;
/** `init_top_pgt`, and the tables below it: in the image's page of 2 MiB, behind the log. */
const TABLES = 0x10_0000n;

/** Virtual addresses of the log in the image, and of the page in vmalloc's area that the tables map, too. */
export const X86_LOG = IMAGE + SHIFT;
export const X86_VMALLOC = 0xffffc90000123000n;
/** The page's physical address. */
export const X86_VMALLOC_FRAME = 0x1_2345_6000n;
/** The start of the linear map. */
const LINEAR_MAP = 0xffff888000000000n;
/** The virtual address of a page of the image, as of the stack of its first task. */
export const X86_IMAGE_PAGE = X86_LOG + 0x8_0000n;
/** Where KASLR put the image. */
export const X86_KERNEL_OFFSET = SHIFT;

/** Builds its dump: the log lies in an image that is mapped by a page of 2 MiB, as in a real kernel. */
export function buildX86CrashedKernel(kernel: X86CrashedKernel): DumpParts {
  const { levels, physBase, encryptionMask = 0n, log, registers = {} } = kernel;
  const { page = new Uint8Array(Number(PAGE)).fill(0x5a) } = kernel;
  const physical = BigInt.asUintN(64, SHIFT + physBase);
  const image = new Uint8Array(Number(TABLES + 16n * PAGE));
  const symbols = writeLog(image.subarray(0, PAGES * Number(PAGE)), X86_LOG, log);
  image.set(kernel.imagePage ?? [], Number(X86_IMAGE_PAGE - X86_LOG));
  const view = new DataView(image.buffer);
  let free = TABLES + PAGE;
  const map = (virtual: bigint, entry: bigint, lastLevel: number): void => {
    let table = TABLES;
    for (let level = levels - 1; level >= lastLevel; level -= 1) {
      const at = Number(table) + Number((virtual >> BigInt(12 + 9 * level)) & 511n) * 8;
      if (level === lastLevel) view.setBigUint64(at, entry | encryptionMask | 3n, true);
      else if (view.getBigUint64(at, true) === 0n) {
        view.setBigUint64(at, (physical + free) | encryptionMask | 0x67n, true);
        table = free;
        free += PAGE;
      } else table = (view.getBigUint64(at, true) & 0xffff_ffff_f000n & ~encryptionMask) - physical;
    }
  };
  map(X86_LOG, physical | (1n << 63n) | 0x1080n, 1);
  map(X86_VMALLOC, X86_VMALLOC_FRAME | (1n << 63n) | 0x80n, 0);
  const lines = [
    'OSRELEASE=6.12.0-made-up',
    'PAGESIZE=4096',
    `SYMBOL(init_top_pgt)=${(X86_LOG + TABLES).toString(16)}`,
    `NUMBER(phys_base)=${BigInt.asIntN(64, physBase)}`,
    `NUMBER(pgtable_l5_enabled)=${levels === 5 ? 1 : 0}`,
    'NUMBER(KERNEL_IMAGE_SIZE)=1073741824',
    `NUMBER(sme_mask)=${encryptionMask}`,
    `KERNELOFFSET=${SHIFT.toString(16)}`,
    ...symbols,
    'CRASHTIME=1700000000',
  ];
  const text = new TextEncoder().encode(lines.join('\n'));
  return {
    machine: EM_X86_64,
    notes: concatenate([
      setRegisters(buildPrstatus(7, 0x1000n, X86_DUMPS.registers.names.length), registers),
      buildNote('VMCOREINFO', 0, text),
    ]),
    pieces: [
      { physical, virtual: X86_LOG, bytes: image },
      { physical: X86_VMALLOC_FRAME, virtual: LINEAR_MAP + X86_VMALLOC_FRAME, bytes: page },
    ],
  };
}

/** The first register in a note NT_PRSTATUS named CORE: behind its header and name, and 112 bytes of its descriptor. */
const FIRST_REGISTER = 12 + 8 + 112;

function setRegisters(note: Uint8Array, registers: Readonly<Record<string, bigint>>): Uint8Array {
  const view = new DataView(note.buffer);
  const { names } = X86_DUMPS.registers;
  for (const [name, value] of Object.entries(registers))
    view.setBigUint64(FIRST_REGISTER + names.indexOf(name) * 8, value, true);
  return note;
}
