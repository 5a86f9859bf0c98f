import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concatenate } from '../../src/base/bytes.js';
import type { Range } from '../../src/base/range.js';
import { alignUp } from '../../src/base/u64.js';
import type { Kimage, Segment } from '../../src/kexec/kimage.js';
import { loadOwnPurgatory } from '../../src/kexec/x86-64/purgatory/load-purgatory.js';
import {
  type PurgatoryParameters,
  setParameters,
} from '../../src/kexec/x86-64/purgatory/purgatory-parameters.js';
import { buildPvhElf } from '../../src/kexec/x86-64/pvh/pvh-elf.js';
import { assemble, linkWithLd } from './binutils.js';
import {
  type QemuCommand,
  type QemuEnd,
  type Region,
  runFile,
  runFileUntil,
  setExpectedRegions,
} from './purgatory.js';

const sha256 = (...pieces: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(createHash('sha256').update(concatenate(pieces)).digest());

/** The digest of a region as docs/purgatory.md defines it, by Node's SHA-256. */
export function digestByNode(bytes: Uint8Array): Uint8Array {
  const size = Math.floor(bytes.length / 512) * 64;
  const parts = [0, 1, 2, 3, 4, 5, 6, 7].map((part) =>
    sha256(bytes.subarray(part * size, part * size + size)),
  );
  return sha256(...parts, bytes.subarray(8 * size));
}

const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * index * 5 + index) >> 3);

/** A region of a pattern, with its digest. */
export function region(start: bigint, length: number): Region {
  const bytes = pattern(length);
  return { start, bytes, sha256: digestByNode(bytes) };
}

/** Regions one after the other from an address on, each on its own page. */
export function onPages(start: bigint, lengths: readonly number[]): Region[] {
  let at = start;
  return lengths.map((length) => {
    const next = region(at, length);
    at += BigInt(Math.ceil(length / 4096) * 4096);
    return next;
  });
}

/** The RAM of q35 with `-m 512M`, above 1 MiB, without what SeaBIOS keeps. */
export const Q35_RAM: readonly Range[] = [{ start: 0x10_0000n, end: 0x1ffd_f000n }];

const WITNESS = fileURLToPath(new URL('../witness/x86-witness.S', import.meta.url));
const WITNESS_ADDRESS = 0x200_0000n;

let witness: Uint8Array | undefined;

/** The witness as a segment; it is entered at its start. */
function buildWitness(): Segment {
  witness ??= linkWithLd(
    assemble(readFileSync(WITNESS, 'utf8'), 'x86-64'),
    WITNESS_ADDRESS,
    ['.text', '.rodata', '.data'],
    {},
    'x86-64',
  );
  return pageSegment('kernel', WITNESS_ADDRESS, witness);
}

function pageSegment(name: Segment['name'], mem: bigint, bytes: Uint8Array): Segment {
  return { name, mem, bytes, memsz: alignUp(BigInt(bytes.length), 4096n) };
}

export interface X86Run {
  readonly regions: readonly Region[];
  /** Regions to verify whose memory is not in the file. */
  readonly absent?: readonly Region[];
  /** The physical address of purgatory. */
  readonly base?: bigint;
  readonly parameters?: Partial<PurgatoryParameters>;
  /** x86_64 assembly that runs first, without a stack, and keeps rax. */
  readonly prelude?: string;
}

const COM1 = { kind: '8250-port', base: 0x3f8n, shift: 0, width: 1 } as const;

/** What rsi must be when the witness runs. */
export const BOOT_PARAMS = 0x1_2345_6000n;

/** A kimage of purgatory, regions of any address and length, and the witness. */
export function buildX86Kimage(run: X86Run): Kimage {
  const { regions, absent = [], base = 0x300_0000n, parameters, prelude } = run;
  const kernel = buildWitness();
  const purgatory = loadOwnPurgatory();
  setParameters(purgatory, {
    kernelEntry: kernel.mem,
    bootParams: BOOT_PARAMS,
    serial: COM1,
    onMismatch: 'halt',
    ...parameters,
  });
  setExpectedRegions(purgatory, [...regions, ...absent]);
  const { bytes, entry } = purgatory.link(base);
  const first = prelude === undefined ? undefined : buildPrelude(prelude, base - 0x1000n, entry);
  const segments: Segment[] = [
    { name: 'purgatory', mem: base, bytes, memsz: alignUp(purgatory.size, 4096n) },
    kernel,
    ...regions.map(
      ({ start, bytes: contents }): Segment => ({
        name: 'initrd',
        mem: start,
        bytes: contents,
        memsz: BigInt(contents.length),
      }),
    ),
    ...(first === undefined ? [] : [first]),
  ];
  return { type: 'default', entry: first?.mem ?? entry, segments };
}

function buildPrelude(source: string, mem: bigint, entry: bigint): Segment {
  const object = assemble(`.text\nmovabs $${entry}, %rax\n${source}\njmp *%rax`, 'x86-64');
  return pageSegment('dtb', mem, linkWithLd(object, mem, ['.text'], {}, 'x86-64'));
}

/** Builds the command for a machine with 512 MiB. @param args - in addition to those for the console */
function q35(args: readonly string[]): QemuCommand {
  return (path) => [
    'qemu-system-x86_64',
    ...['-M', 'q35', '-m', '512M', '-serial', 'stdio', ...args, '-kernel', path],
  ];
}

/** Runs a kimage on QEMU's q35 until it ends or its console output matches. */
export function runX86Until(kimage: Kimage, until: RegExp, ...args: readonly string[]): Promise<string> {
  return runFileUntil(concatenate(buildPvhElf(kimage, Q35_RAM)), until, q35(args));
}

/** Runs a kimage on QEMU's q35 until that ends: powers off, or resets. */
export function runX86ToEnd(kimage: Kimage, ...args: readonly string[]): Promise<QemuEnd> {
  return runFile(concatenate(buildPvhElf(kimage, Q35_RAM)), q35(args));
}
