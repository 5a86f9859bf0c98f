/** Counts the instructions that a guest executes, by the QEMU plugin in bench/plugin. The counts are reproducible. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeElfFile } from '../dist/node/files/write-elf-file.js';
import { buildQemuArguments } from '../dist/node/qemu/qemu-arguments.js';
import { findQemuPlatform } from '../dist/node/qemu/qemu-platforms.js';
import { buildPlugin } from './plugin/build.mjs';

/** Longer than any of these guests takes. */
export const TIMEOUT_MILLISECONDS = 30 * 60 * 1000;

const plugin = buildPlugin();

/**
 * Options for QEMU with which it counts the instructions between marks, and ends at the last mark. The guest must have
 * one CPU.
 *
 * @param folder - for the report
 * @param marks - virtual addresses, bigints
 * @returns the options, and a function that returns the counts between marks after QEMU has ended
 */
export function buildCountOptions(folder, marks) {
  const report = join(folder, 'count.json');
  const list = marks.map((address) => `,mark=${address.toString(16)}`).join('');
  return {
    options: ['-plugin', `${plugin},output=${report}${list}`],
    readCounts() {
      const { marks: counts } = JSON.parse(readFileSync(report, 'utf8'));
      if (counts.length !== marks.length)
        throw new Error(`${counts.length} of ${marks.length} marks were reached`);
      return counts.slice(1).map((count, index) => count - counts[index]);
    },
  };
}

/**
 * Counts the instructions from a kimage's entry to the first instruction of its kernel.
 *
 * @param machine - that the kimage was planned for; an arm64 machine if left out
 * @param kernelEntry - a physical address
 */
export async function countPurgatory({ entry, segments }, qemu, { machine, kernelEntry } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  try {
    const image = join(folder, 'kimage.elf');
    await writeElfFile({ entry, segments }, image, { machine });
    const kernel = segments.find(({ name }) => name === 'kernel');
    const { options, readCounts } = buildCountOptions(folder, [entry, kernelEntry ?? kernel.mem]);
    const { program, buildLoaderArguments } = findQemuPlatform(qemu);
    const { status, stdout, stderr, error } = spawnSync(
      program,
      [
        ...buildQemuArguments(qemu),
        ...['-monitor', 'none', '-serial', 'stdio', '-no-reboot'],
        ...[...buildLoaderArguments(image), ...options],
      ],
      { encoding: 'utf8', timeout: TIMEOUT_MILLISECONDS, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    if (error !== undefined || status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
    const [instructions] = readCounts();
    return { instructions, console: stdout.replaceAll('\r', '') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number of bytes in memory that purgatory verifies. */
export function countVerifiedBytes(segments) {
  return segments
    .filter(({ name }) => name !== 'purgatory')
    .reduce((sum, { memsz }) => sum + Number(memsz), 0);
}
