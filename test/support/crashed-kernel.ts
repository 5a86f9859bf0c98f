import { concatenate } from '../../src/base/bytes.js';
import { EM_AARCH64, ET_CORE, PF_RWX, PT_LOAD, PT_NOTE } from '../../src/formats/elf/format.js';
import { headersSize, type ProgramHeader, writeHeaders } from '../../src/formats/elf/program-headers.js';

/** Builds dumps of invented kernels, with an address space and a log. */
export interface CrashedKernel {
  readonly pageSize: 4096 | 16384 | 65536;
  /** Its configuration and CPU features. */
  readonly configuredBits: number;
  readonly bits: number;
  /** Levels of page tables: CONFIG_PGTABLE_LEVELS, for the bits that the CPUs have. */
  readonly levels: number;
  /** Physical addresses of its pages, adjacent but not in order, and of page tables and image, which are elsewhere. */
  readonly dataAt: bigint;
  readonly log: Log;
}

export interface WrittenRecord {
  readonly time: bigint;
  readonly text: Uint8Array;
}

export type Log =
  | {
      readonly kind: 'ring';
      readonly textBits: number;
      readonly firstId: bigint;
      /** Whether a block may end at the end of the ring, as from Linux 6.18 on. */
      readonly fillsToTheEnd?: boolean;
      readonly records: readonly WrittenRecord[];
    }
  | {
      readonly kind: 'log_buf';
      readonly size: number;
      readonly first: number;
      readonly records: readonly WrittenRecord[];
    };

/** Pieces of physical memory, and the notes. */
export interface DumpParts {
  /** `e_machine`. Default: arm64's */
  readonly machine?: number;
  readonly notes: Uint8Array;
  readonly pieces: readonly {
    readonly physical: bigint;
    readonly virtual: bigint;
    readonly bytes: Uint8Array;
  }[];
}

/** The address of `swapper_pg_dir` and of the tables below it. */
const TABLES = 0x40200000n;
/** The number of mapped virtual pages. */
export const PAGES = 64;

const encoder = new TextEncoder();

/** Builds the dump of a kernel whose page tables map {@link PAGES} pages, which contain its log. */
export function buildCrashedKernel(kernel: CrashedKernel): DumpParts {
  const { pageSize, configuredBits } = kernel;
  const page = BigInt(pageSize);
  const image = (1n << 64n) - (1n << BigInt(Math.min(configuredBits, 48) - 1)) + (1n << 31n);
  const memory = new Uint8Array(PAGES * pageSize);
  const symbols = writeLog(memory, image, kernel.log);
  // Odd pages come first, so that pages that are adjacent in virtual memory are not in physical memory.
  const order = (index: number): number => (index % 2 === 1 ? (index - 1) / 2 : PAGES / 2 + index / 2);
  const data = new Uint8Array(memory.length);
  for (let index = 0; index < PAGES; index += 1)
    data.set(memory.subarray(index * pageSize, (index + 1) * pageSize), order(index) * pageSize);

  const tables = buildTables(kernel, (map) => {
    for (let index = 0; index < PAGES; index += 1)
      map(image + BigInt(index) * page, kernel.dataAt + BigInt(order(index)) * page);
  });
  const rootVirtual = image - (1n << 24n);
  const lines = [
    'OSRELEASE=6.12.0-made-up',
    `PAGESIZE=${pageSize}`,
    `SYMBOL(swapper_pg_dir)=${rootVirtual.toString(16)}`,
    `SYMBOL(_stext)=${image.toString(16)}`,
    `NUMBER(VA_BITS)=${configuredBits}`,
    `NUMBER(TCR_EL1_T1SZ)=0x${(64 - kernel.bits).toString(16)}`,
    `NUMBER(kimage_voffset)=0x${(rootVirtual - TABLES).toString(16)}`,
    `NUMBER(MAX_PHYSMEM_BITS)=${configuredBits === 52 ? 52 : 48}`,
    'NUMBER(PHYS_OFFSET)=0x40000000',
    'KERNELOFFSET=0',
    ...symbols,
    'CRASHTIME=1700000000',
  ];
  return {
    notes: concatenate([
      buildPrstatus(7, 0x1000n),
      buildNote('VMCOREINFO', 0, encoder.encode(lines.join('\n'))),
    ]),
    pieces: [
      { physical: TABLES, virtual: 0n, bytes: tables },
      { physical: kernel.dataAt, virtual: 0n, bytes: data },
    ],
  };
}

/** Builds a dump without page tables: the log is in one piece of memory, whose PT_LOAD has its virtual address. */
export function buildFlatCrashedKernel(log: Log): DumpParts {
  const virtual = 0xffff800080000000n;
  const bytes = new Uint8Array(PAGES * 4096);
  const lines = ['OSRELEASE=6.12.0-made-up', ...writeLog(bytes, virtual, log), ''];
  return {
    notes: buildNote('VMCOREINFO', 0, encoder.encode(lines.join('\n'))),
    pieces: [{ physical: 0x40000000n, virtual, bytes }],
  };
}

/** An ELF vmcore of a dump. */
export function buildElfVmcore({ machine = EM_AARCH64, notes, pieces }: DumpParts): Uint8Array {
  const start = headersSize(1 + pieces.length);
  const header = { flags: PF_RWX, alignment: 0n };
  const programHeaders: ProgramHeader[] = [
    {
      ...header,
      type: PT_NOTE,
      offset: BigInt(start),
      virtualAddress: 0n,
      physicalAddress: 0n,
      ...sized(notes),
    },
  ];
  let offset = BigInt(start + notes.length);
  for (const { physical, virtual, bytes } of pieces) {
    programHeaders.push({
      ...header,
      type: PT_LOAD,
      offset,
      virtualAddress: virtual,
      physicalAddress: physical,
      ...sized(bytes),
    });
    offset += BigInt(bytes.length);
  }
  const head = writeHeaders({ type: ET_CORE, machine, entry: 0n, programHeaders }, start);
  return concatenate([head, notes, ...pieces.map(({ bytes }) => bytes)]);
}

function sized({ length }: Uint8Array): { fileSize: bigint; memorySize: bigint } {
  return { fileSize: BigInt(length), memorySize: BigInt(length) };
}

/** An ELF note; name and descriptor padded to 4 bytes. */
export function buildNote(name: string, type: number, descriptor: Uint8Array): Uint8Array {
  const nameBytes = encoder.encode(`${name}\0`);
  const pad = (size: number): number => Math.ceil(size / 4) * 4;
  const bytes = new Uint8Array(12 + pad(nameBytes.length) + pad(descriptor.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nameBytes.length, true);
  view.setUint32(4, descriptor.length, true);
  view.setUint32(8, type, true);
  bytes.set(nameBytes, 12);
  bytes.set(descriptor, 12 + pad(nameBytes.length));
  return bytes;
}

/**
 * NT_PRSTATUS of a CPU: the first register is `first`, and each further one is one more.
 *
 * @param count - of the registers; arm64's if left out
 */
export function buildPrstatus(pid: number, first: bigint, count = 34): Uint8Array {
  const descriptor = new Uint8Array(120 + count * 8);
  const view = new DataView(descriptor.buffer);
  view.setUint32(32, pid, true);
  for (let register = 0; register < count; register += 1)
    view.setBigUint64(112 + register * 8, first + BigInt(register), true);
  return buildNote('CORE', 1, descriptor);
}

/** Page tables of a page each, the root first. */
function buildTables(
  { pageSize, configuredBits, bits, levels }: CrashedKernel,
  map: (one: (virtual: bigint, physical: bigint) => void) => void,
): Uint8Array {
  const tables: DataView[] = [];
  const allocate = (): number => tables.push(new DataView(new ArrayBuffer(pageSize))) - 1;
  const pageShift = Math.log2(pageSize);
  const perLevel = pageShift - 3;
  const rootBits = pageSize === 65536 ? configuredBits : bits;
  const place = (table: number): bigint => TABLES + BigInt(table * pageSize);
  const encode = (physical: bigint): bigint => {
    if (pageSize === 65536) return (physical & 0xffffffff0000n) | (((physical >> 48n) & 0xfn) << 12n);
    return bits === 52 ? (physical & 0x3fffffffff000n) | ((physical >> 50n) << 8n) : physical;
  };
  allocate();
  map((virtual, physical) => {
    let table = 0;
    for (let level = levels - 1; level >= 0; level -= 1) {
      const shift = pageShift + level * perLevel;
      const width = level === levels - 1 ? rootBits - shift : perLevel;
      const at = Number(BigInt.asUintN(width, virtual >> BigInt(shift))) * 8;
      const view = tables[table] as DataView;
      if (level === 0) {
        view.setBigUint64(at, encode(physical) | 3n, true);
      } else if (view.getBigUint64(at, true) === 0n) {
        const next = allocate();
        view.setBigUint64(at, encode(place(next)) | 3n, true);
        table = next;
      } else {
        const entry = view.getBigUint64(at, true);
        table = tables.findIndex((_, index) => (encode(place(index)) | 3n) === entry);
      }
    }
  });
  return concatenate(tables.map(({ buffer }) => new Uint8Array(buffer)));
}

/** Writes a log into memory that begins at a virtual address. Returns the lines of VMCOREINFO for it. */
export function writeLog(memory: Uint8Array, virtual: bigint, log: Log): string[] {
  return log.kind === 'ring' ? writeRing(memory, virtual, log) : writeLogBuf(memory, virtual, log);
}

/** Offsets of the ring's arrays, in bytes: unaligned to pages, and across them. */
const RING = { pointer: 0x10, ring: 0x40, descriptors: 0xff0, infos: 0x4ff8, texts: 0x20010 };
const ID_MASK = (1n << 62n) - 1n;

function writeRing(memory: Uint8Array, virtual: bigint, log: Extract<Log, { kind: 'ring' }>): string[] {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const at = (offset: number): bigint => virtual + BigInt(offset);
  const countBits = log.textBits - 5;
  const textSize = 1 << log.textBits;
  view.setBigUint64(RING.pointer, at(RING.ring), true);
  view.setUint32(RING.ring, countBits, true);
  view.setBigUint64(RING.ring + 8, at(RING.descriptors), true);
  view.setBigUint64(RING.ring + 16, at(RING.infos), true);
  view.setBigUint64(RING.ring + 24, (log.firstId + BigInt(log.records.length - 1)) & ID_MASK, true);
  view.setBigUint64(RING.ring + 32, log.firstId, true);
  view.setUint32(RING.ring + 48, log.textBits, true);
  view.setBigUint64(RING.ring + 56, at(RING.texts), true);

  let position = textSize - 40;
  for (const [index, { time, text }] of log.records.entries()) {
    const id = (log.firstId + BigInt(index)) & ID_MASK;
    const slot = Number(id % BigInt(1 << countBits));
    const descriptor = RING.descriptors + slot * 24;
    const info = RING.infos + slot * 88;
    const size = Math.ceil((8 + text.length) / 8) * 8;
    const end = (position % textSize) + size;
    const isWrapping = log.fillsToTheEnd === true ? end > textSize : end >= textSize;
    const block = isWrapping ? 0 : position % textSize;
    const next = (isWrapping ? position - (position % textSize) + textSize : position) + size;
    view.setBigUint64(descriptor, id | (2n << 62n), true);
    view.setBigUint64(descriptor + 8, BigInt(text.length === 0 ? 3 : position), true);
    view.setBigUint64(descriptor + 16, BigInt(text.length === 0 ? 3 : next), true);
    view.setBigUint64(info, BigInt(index), true);
    view.setBigUint64(info + 8, time, true);
    view.setUint16(info + 16, text.length, true);
    view.setUint8(info + 19, 6 << 5);
    view.setUint32(info + 20, 0x80000003, true);
    memory.set(encoder.encode('pci'), info + 24);
    if (text.length === 0) continue;
    memory.set(text, RING.texts + block + 8);
    position = next;
  }
  return [`SYMBOL(prb)=${at(RING.pointer).toString(16)}`, ...RING_LINES];
}

/** As in Linux 6.12. */
const RING_LINES = [
  'SIZE(printk_ringbuffer)=88',
  'OFFSET(printk_ringbuffer.desc_ring)=0',
  'OFFSET(printk_ringbuffer.text_data_ring)=48',
  'OFFSET(prb_desc_ring.count_bits)=0',
  'OFFSET(prb_desc_ring.descs)=8',
  'OFFSET(prb_desc_ring.infos)=16',
  'OFFSET(prb_desc_ring.head_id)=24',
  'OFFSET(prb_desc_ring.tail_id)=32',
  'SIZE(prb_desc)=24',
  'OFFSET(prb_desc.state_var)=0',
  'OFFSET(prb_desc.text_blk_lpos)=8',
  'OFFSET(prb_data_blk_lpos.begin)=0',
  'OFFSET(prb_data_blk_lpos.next)=8',
  'SIZE(printk_info)=88',
  'OFFSET(printk_info.seq)=0',
  'OFFSET(printk_info.ts_nsec)=8',
  'OFFSET(printk_info.text_len)=16',
  'OFFSET(printk_info.caller_id)=20',
  'OFFSET(printk_info.dev_info)=24',
  'OFFSET(dev_printk_info.subsystem)=0',
  'LENGTH(printk_info_subsystem)=16',
  'OFFSET(dev_printk_info.device)=16',
  'LENGTH(printk_info_device)=48',
  'OFFSET(prb_data_ring.size_bits)=0',
  'OFFSET(prb_data_ring.data)=8',
  'OFFSET(atomic_long_t.counter)=0',
];

/** Offsets of the variables of log_buf and of log_buf itself, in bytes. */
const LOG_BUF = { pointer: 0x10, size: 0x18, first: 0x1c, next: 0x20, buffer: 0xff0 };
const LOG_SIZE = 16;

function writeLogBuf(memory: Uint8Array, virtual: bigint, log: Extract<Log, { kind: 'log_buf' }>): string[] {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const at = (offset: number): string => (virtual + BigInt(offset)).toString(16);
  let position = log.first;
  for (const { time, text } of log.records) {
    const size = Math.ceil((LOG_SIZE + text.length) / 8) * 8;
    // As in log_has_space(): there must be room for a wrap mark after the record.
    if (position + size + LOG_SIZE > log.size) position = 0;
    const record = LOG_BUF.buffer + position;
    view.setBigUint64(record, time, true);
    view.setUint16(record + 8, size, true);
    view.setUint16(record + 10, text.length, true);
    view.setUint8(record + 14, 1);
    view.setUint8(record + 15, 4 << 5);
    memory.set(text, record + LOG_SIZE);
    position += size;
  }
  view.setBigUint64(LOG_BUF.pointer, virtual + BigInt(LOG_BUF.buffer), true);
  view.setUint32(LOG_BUF.size, log.size, true);
  view.setUint32(LOG_BUF.first, log.first, true);
  view.setUint32(LOG_BUF.next, position, true);
  return [
    `SYMBOL(log_buf)=${at(LOG_BUF.pointer)}`,
    `SYMBOL(log_buf_len)=${at(LOG_BUF.size)}`,
    `SYMBOL(log_first_idx)=${at(LOG_BUF.first)}`,
    `SYMBOL(log_next_idx)=${at(LOG_BUF.next)}`,
    `SIZE(printk_log)=${LOG_SIZE}`,
    'OFFSET(printk_log.ts_nsec)=0',
    'OFFSET(printk_log.len)=8',
    'OFFSET(printk_log.text_len)=10',
    'OFFSET(printk_log.dict_len)=12',
  ];
}
