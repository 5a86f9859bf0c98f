/** A fleet of machines with the device trees of real boards and invented memory maps. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Range, rangeOf } from '../../src/base/range.js';
import type { Granule } from '../../src/machine/arm64/arm64-machine.js';
import type { CrashFacts } from '../../src/machine/machine-facts.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { formatMachine } from '../../src/machine/schema.js';
import { corpus } from './corpus.js';
import { GIB, MIB } from './machine.js';

const KIB = 0x400n;

/** First addresses of RAM on arm64 boards. */
const RAM_STARTS = [0n, GIB, 2n * GIB, 0x80n * GIB];
/** From too small for any kernel, to servers. */
const RAM_SIZES = [48n * MIB, 256n * MIB, 512n * MIB, GIB, 2n * GIB, 4n * GIB, 8n * GIB, 64n * GIB];
const CRASH_SIZES = [16n * MIB, 64n * MIB, 128n * MIB, 256n * MIB, 512n * MIB];
const PAGE_SIZES: readonly Granule[] = [4096, 4096, 4096, 16384, 65536];

/** Writes machine files into a new folder; their names sort by number. */
export function writeFleet(folder: string, count: number): void {
  mkdirSync(folder);
  for (let index = 0; index < count; index += 1) {
    const machine = buildFleetMachine(index);
    const name = `${String(index).padStart(5, '0')}-${machine.name}.json`;
    writeFileSync(join(folder, name), formatMachine(machine));
  }
}

/** Builds the machine of a number, the same each time. */
export function buildFleetMachine(index: number): Machine {
  const board = BOARDS[index % BOARDS.length] as string;
  const random = randomNumbers(index + 1);
  const pageSize = pick(PAGE_SIZES, random);
  const memory = makeMemory(random);
  const crashRegion = random() < 0.6 ? makeCrashRegion(memory, random) : undefined;
  const reserved = [...makeReserved(memory, random), ...(crashRegion === undefined ? [] : [crashRegion])];
  return {
    architecture: 'arm64',
    name: `${basename(board, '.dtb')}-${index}`,
    memorySource: 'memblock',
    memory,
    reserved: reserved.sort((a, b) => (a.start < b.start ? -1 : 1)),
    ...(crashRegion === undefined ? {} : { crashRegion: { high: crashRegion } }),
    commandLine: 'console=ttyAMA0 root=/dev/vda1 ro',
    pageSize,
    // A twentieth has CPUs with 64K pages only.
    arm64: {
      deviceTree: new Uint8Array(readFileSync(board)),
      granules: random() < 0.05 ? [65536] : [4096, 65536],
      mixedEndian: random() < 0.5,
    },
    kexecSignature: pick(['none', 'checked', 'force'] as const, random),
    lockdown: pick(['none', 'integrity'] as const, random),
    // A tenth was recorded without root.
    ...(random() < 0.1 ? {} : { crash: makeCrashFacts(memory[0] as Range) }),
  };
}

const BOARDS = corpus.deviceTrees();

/** One bank or two, the second above a hole. */
function makeMemory(random: Random): Range[] {
  const low = rangeOf(pick(RAM_STARTS, random), pick(RAM_SIZES, random));
  return random() < 0.3 ? [low, rangeOf(low.end + 2n * GIB, pick(RAM_SIZES, random))] : [low];
}

/** The memory that firmware and a running kernel take: the kernel at a low address, and small pieces everywhere. */
function makeReserved([low, ...more]: readonly Range[], random: Random): Range[] {
  if (low === undefined) return [];
  const kernel = rangeOf(low.start + 2n * MIB, 40n * MIB);
  const pieces = [low, ...more].flatMap((bank) =>
    Array.from({ length: Math.floor(random() * 24) }, () => {
      const pages = (bank.end - bank.start) / (4n * KIB);
      const start = bank.start + (BigInt(Math.floor(random() * 2 ** 32)) % pages) * 4n * KIB;
      return rangeOf(start, 64n * BigInt(1 + Math.floor(random() * 1024)));
    }),
  );
  return [kernel, ...pieces];
}

function makeCrashRegion(memory: readonly Range[], random: Random): Range | undefined {
  const bank = memory.at(-1) as Range;
  const size = pick(CRASH_SIZES, random);
  const end = bank.end - 64n * MIB;
  return end - size > bank.start + 64n * MIB ? rangeOf(end - size, size) : undefined;
}

function makeCrashFacts({ start }: Range): CrashFacts {
  return {
    notes: Array.from({ length: 8 }, (_, cpu) => rangeOf(start + 44n * MIB + BigInt(cpu) * 4n * KIB, 0x1a8n)),
    vmcoreinfo: rangeOf(start + 45n * MIB, KIB),
    text: { ...rangeOf(start + 2n * MIB, 34n * MIB), virtual: 0xffff_8000_8000_0000n },
    linearMap: { physical: start, virtual: 0xffff_0000_0000_0000n },
  };
}

type Random = () => number;

function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Reproducible pseudo-random numbers from 0 up to 1: the generator "mulberry32". */
function randomNumbers(seed: number): Random {
  let state = Math.imul(seed, 0x9e37_79b9);
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
