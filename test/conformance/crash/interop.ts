import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bitmap, type BitRun } from '../../../src/formats/kdump/bitmap.js';
import { readKdumpHeader } from '../../../src/formats/kdump/header.js';
import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { type FileSource, openFileSource } from '../../../src/node/files/file-source.js';
import type { DumpMemory } from '../../../src/vmcore/open/dump-memory.js';
import { openVmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { FILTER_ALL } from '../../../src/vmcore/save/filter.js';
import { buildArm64Command, runMakedumpfile } from '../../support/arm64-program.js';
import { runProgram } from '../../support/programs.js';
import { kexecFile } from './checks.js';

/** All of them leave out free pages, so that no file gets large. */
const FILTERS = [16, 18, 20, 24, FILTER_ALL];

const PAGE = 4096;

/**
 * Compares our saved dumps of a complete vmcore with those of makedumpfile, and has it read ours. Writes files beside
 * the vmcore.
 *
 * @returns the differences and failures, in words
 */
export function compareWithMakedumpfile(vmcore: string): string[] {
  const folder = join(vmcore, '..');
  const file = (name: string): string => join(folder, name);
  const ours = (filter: number): string => file(`ours-${filter}`);
  const differences = FILTERS.flatMap((filter) => {
    const theirs = file(`theirs-${filter}`);
    kexecFile('vmcore', 'save', vmcore, '-o', ours(filter), '--filter', String(filter));
    runMakedumpfile('-l', '-d', String(filter), vmcore, theirs);
    return compareDumps(ours(filter), theirs, filter).map((what) => `--filter ${filter}: ${what}`);
  });

  const all = ours(FILTER_ALL);
  runMakedumpfile('-c', '-d', String(FILTER_ALL), all, file('again'));
  const again = compareDumps(all, file('again'), FILTER_ALL).map((what) => `saved once more: ${what}`);
  runMakedumpfile('--dump-dmesg', all, file('dmesg'));
  const isSameLog = readFileSync(file('dmesg'), 'latin1') === kexecFile('vmcore', 'dmesg', all);
  return [...differences, ...again, ...(isSameLog ? [] : ['makedumpfile takes another log out of ours'])];
}

/** Runs crash(8) on a dump that we saved by zstd. @returns what is missing from its output */
export function askCrash(vmcore: string, vmlinux: string): string[] {
  const saved = join(vmcore, '..', 'zstd');
  kexecFile('vmcore', 'save', vmcore, '-o', saved, '--filter', 'all', '--compress', 'zstd');
  const [program, ...args] = buildArm64Command('crash', 'usr/bin/crash');
  // Debian's crash is older than the kernel, and does not know its allocator.
  const said = runProgram(program, [...args, '-s', '--no_kmem_cache', vmlinux, saved], {
    input: 'sys\nbt\nquit\n',
  });
  const wanted = [
    /PANIC: "Kernel panic - not syncing: sysrq triggered crash"/,
    /#\d+ \[\w+\] panic at .*\n #\d+ \[\w+\] sysrq_handle_crash at /,
    /el0t_64_sync at /,
  ];
  return wanted.filter((pattern) => !pattern.test(said)).map((pattern) => `no ${pattern} in:\n${said}`);
}

/** Compares the pages of two compressed dumps, and their contents if the filter keeps everything. */
function compareDumps(ours: string, theirs: string, filter: number): string[] {
  const sources = [ours, theirs].map(openFileSource);
  try {
    const [here = [], there = []] = sources.map(keptRuns);
    const [only, also] = [here, there].map((runs) => runs.map(({ start, end }) => `${start}-${end}`));
    if (only?.join() !== also?.join()) return [`page frames ${only?.join()}, and there ${also?.join()}`];
    if (filter !== FILTER_ALL) return [];
    const [a, b] = sources.map((source) => openVmcore(source, nodeCodecs).memory);
    const isSame = (frame: bigint): boolean =>
      a !== undefined && b !== undefined && Buffer.compare(page(a, frame), page(b, frame)) === 0;
    const other = here.flatMap(frames).filter((frame) => !isSame(frame));
    return other.map((frame) => `page frame ${frame} is other bytes`);
  } finally {
    for (const source of sources) source.close();
  }
}

function keptRuns(source: FileSource): BitRun[] {
  const { dumpedBitmap, bitmapSize } = readKdumpHeader(source);
  return [...new Bitmap(source, dumpedBitmap, bitmapSize).runs()];
}

function frames({ start, end }: BitRun): bigint[] {
  return Array.from({ length: Number(end - start) }, (_, index) => start + BigInt(index));
}

function page(memory: DumpMemory, frame: bigint): Uint8Array {
  return memory.read(frame * BigInt(PAGE), PAGE);
}
