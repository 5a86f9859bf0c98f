/**
 * Counts the instructions from a running kernel to the next one, in a guest, with kexec-tools and with this package:
 * from the system call reboot(2) to purgatory, and in purgatory.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCountOptions, TIMEOUT_MILLISECONDS } from './count.mjs';
import { loadGuestRig } from './rig.mjs';

/** With this on its command line, the guest enters the next kernel. */
const EXECUTE = 'bench=go';

/**
 * For each program: the command that loads the kernel, the command that enters it, and the parser of the load's output.
 */
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
 * Starts two guests that differ only in the last step: the first prints the addresses, the second enters the kernel and
 * is counted.
 *
 * @param program - a value of PROGRAMS
 * @returns the instructions before and in purgatory, and the number of bytes that purgatory verified
 */
export async function countHandOver({ load, exec, parse }, files) {
  const { runGuest } = await loadGuestRig();
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
  const run = (commandLine, options) =>
    runGuest({
      cpus: 1,
      program: 'node',
      files,
      packages: ['kexec-tools'],
      commandLine,
      // Without seeds, the kernel is at its link address, and kexec-tools accepts the device tree.
      qemu: ['-machine', 'dtb-randomness=off', ...options],
      timeout: TIMEOUT_MILLISECONDS,
      script: `
        grep ' __arm64_sys_reboot$' /proc/kallsyms
        ${load} || exit
        if grep -q ${EXECUTE} /proc/cmdline; then ${exec}; fi`,
    });
  try {
    const { output, status } = await run('', []);
    if (status !== 0) throw new Error(`${load}: ${output}`);
    const reboot = BigInt(`0x${/^\S+/.exec(output)}`);
    const { entry, kernel, bytes } = parse(output);
    const { options, readCounts } = buildCountOptions(folder, [reboot, entry, kernel]);
    const counted = await run(EXECUTE, options);
    if (
      JSON.stringify(listPlaces(parse(counted.output))) !==
      JSON.stringify(listPlaces({ entry, kernel, bytes }))
    ) {
      throw new Error(`${load}: the segments moved between two guests: ${output}\n${counted.output}`);
    }
    const [before, purgatory] = readCounts();
    return { before, purgatory, bytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function listPlaces({ entry, kernel, bytes }) {
  return [String(entry), String(kernel), bytes];
}

/** Reads the output of `kexec -d`: the first segment is the kernel, and the segment with the entry is purgatory. */
function parseKexecTools(output) {
  const entry = BigInt(/^kexec_load: entry = (0x\w+)/m.exec(output)?.[1]);
  const segments = [
    ...output.matchAll(/^segment\[\d+\]\.mem +?= (0x\w+)\nsegment\[\d+\]\.memsz = (0x\w+)$/gm),
  ].map(([, mem, memsz]) => ({ mem: BigInt(mem), memsz: BigInt(memsz) }));
  const verified = segments.filter(({ mem, memsz }) => entry < mem || entry >= mem + memsz);
  if (verified.length !== segments.length - 1)
    throw new Error(`no single segment contains the entry: ${output}`);
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
