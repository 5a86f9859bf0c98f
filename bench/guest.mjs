/**
 * The way from a running kernel to the next one, in a guest, by kexec-tools and by this package: instructions from the
 * system call reboot(2) to purgatory, and in purgatory.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counting, PATIENCE } from './count.mjs';
import { loadRig } from './rig.mjs';

/** On the guest's command line: it shall go on to the next kernel. */
const GO = 'bench=go';

/** What loads the kernel, what enters it, and what reads the segments out of what loading printed. */
export const PROGRAMS = {
  'kexec-tools': {
    load: 'kexec -d -c -l /boot/vmlinuz --initrd=/boot/initrd --command-line=quiet',
    exec: 'kexec -e',
    parse: parseKexecTools,
  },
  'kexec-file': {
    load: 'kexec-file load /boot/vmlinuz --initrd /boot/initrd --command-line quiet --syscall segments --policy permissive --json',
    exec: 'kexec-file exec',
    parse: parsePlan,
  },
};

/**
 * Two guests that are the same up to the last step: the first tells the addresses, the second is counted.
 *
 * @param program - of PROGRAMS
 * @returns instructions before and in purgatory, and the bytes that purgatory verified
 */
export async function countHandOver({ load, exec, parse }, files) {
  const { runGuest } = await loadRig();
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  const run = (commandLine, options) =>
    runGuest({
      cpus: 1,
      files,
      packages: ['kexec-tools'],
      commandLine,
      // Without seeds the kernel is where it was linked to be, and kexec-tools takes the device tree.
      qemu: ['-machine', 'dtb-randomness=off', ...options],
      timeout: PATIENCE,
      script: `
        grep ' __arm64_sys_reboot$' /proc/kallsyms
        ${load} || exit
        if grep -q ${GO} /proc/cmdline; then ${exec}; fi`,
    });
  try {
    const { output, status } = await run('', []);
    if (status !== 0) throw new Error(`${load}: ${output}`);
    const reboot = BigInt(`0x${/^\S+/.exec(output)}`);
    const { entry, kernel, bytes } = parse(output);
    const { options, between } = counting(folder, [reboot, entry, kernel]);
    const counted = await run(GO, options);
    if (JSON.stringify(places(parse(counted.output))) !== JSON.stringify(places({ entry, kernel, bytes }))) {
      throw new Error(`${load}: it is not where it was: ${output}\n${counted.output}`);
    }
    const [before, purgatory] = between();
    return { before, purgatory, bytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function places({ entry, kernel, bytes }) {
  return [String(entry), String(kernel), bytes];
}

/** As `kexec -d` prints it: the first segment is the kernel, and purgatory's is the one with the entry in it. */
function parseKexecTools(output) {
  const entry = BigInt(/^kexec_load: entry = (0x\w+)/m.exec(output)?.[1]);
  const segments = [
    ...output.matchAll(/^segment\[\d+\]\.mem +?= (0x\w+)\nsegment\[\d+\]\.memsz = (0x\w+)$/gm),
  ].map(([, mem, memsz]) => ({ mem: BigInt(mem), memsz: BigInt(memsz) }));
  const verified = segments.filter(({ mem, memsz }) => entry < mem || entry >= mem + memsz);
  if (verified.length !== segments.length - 1) throw new Error(`which is purgatory? ${output}`);
  return {
    entry,
    kernel: segments[0].mem,
    bytes: verified.reduce((sum, { memsz }) => sum + Number(memsz), 0),
  };
}

function parsePlan(output) {
  const { entry, segments } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  return {
    entry: BigInt(entry),
    kernel: BigInt(segments.find(({ name }) => name === 'kernel').mem),
    bytes: segments
      .filter(({ name }) => name !== 'purgatory')
      .reduce((sum, { memsz }) => sum + Number(memsz), 0),
  };
}
