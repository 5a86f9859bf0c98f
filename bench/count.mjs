/** Counts the instructions that a guest executes, by the plugin in bench/plugin. They repeat exactly. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeElfFile } from '../dist/node/files/write-elf-file.js';
import { buildQemuArguments, QEMU } from '../dist/node/qemu/record-qemu.js';
import { buildPlugin } from './plugin/build.mjs';

/** Longer than any of these guests takes, in milliseconds. */
export const PATIENCE = 30 * 60 * 1000;

const plugin = buildPlugin();

/**
 * Options of QEMU that have it count from mark to mark, and end at the last; addresses are bigints. The guest has one
 * CPU.
 *
 * @returns the options, and what reads the instructions between marks once QEMU has ended
 */
export function counting(folder, marks) {
  const report = join(folder, 'count.json');
  const list = marks.map((address) => `,mark=${address.toString(16)}`).join('');
  return {
    options: ['-plugin', `${plugin},output=${report}${list}`],
    between() {
      const { marks: counts } = JSON.parse(readFileSync(report, 'utf8'));
      if (counts.length !== marks.length)
        throw new Error(`${counts.length} of ${marks.length} marks were reached`);
      return counts.slice(1).map((count, index) => count - counts[index]);
    },
  };
}

/** The instructions from a kimage's entry to its kernel's first one. */
export async function countPurgatory({ entry, segments }, qemu) {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  try {
    const image = join(folder, 'kimage.elf');
    await writeElfFile({ entry, segments }, image, []);
    const kernel = segments.find(({ name }) => name === 'kernel');
    const { options, between } = counting(folder, [entry, kernel.mem]);
    const { status, stdout, stderr, error } = spawnSync(
      QEMU,
      [
        ...buildQemuArguments(qemu),
        ...['-monitor', 'none', '-serial', 'stdio', '-no-reboot'],
        ...['-device', `loader,file=${image},cpu-num=0`, ...options],
      ],
      { encoding: 'utf8', timeout: PATIENCE, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    if (error !== undefined || status !== 0) throw new Error(`${QEMU}: ${error ?? stderr}`);
    const [instructions] = between();
    return { instructions, console: stdout.replaceAll('\r', '') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes of memory that purgatory verifies. */
export function verifiedBytes(segments) {
  return segments
    .filter(({ name }) => name !== 'purgatory')
    .reduce((sum, { memsz }) => sum + Number(memsz), 0);
}
