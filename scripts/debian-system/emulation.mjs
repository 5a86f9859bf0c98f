/** Programs of another architecture on this machine: the kernel starts QEMU for them (binfmt_misc). */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { say } from '../setup/files.mjs';

const BINFMT = '/proc/sys/fs/binfmt_misc';

/** QEMU's names of Debian's architectures: of its entry in binfmt_misc, too. */
const QEMU_NAMES = { arm64: 'qemu-aarch64', amd64: 'qemu-x86_64' };

/** The package qemu-user-static brings the line that the kernel wants. */
const lineFor = (architecture) => `/usr/lib/binfmt.d/${QEMU_NAMES[architecture]}.conf`;

/**
 * Makes sure that programs of an architecture run here: if need be, mounts binfmt_misc and registers QEMU, which takes
 * root.
 *
 * @param architecture - Debian's name
 * @throws Error if they do not run, with what to do
 */
export function ensureEmulation(architecture) {
  if (runs(architecture)) return;
  const need = `this machine does not run programs of ${architecture}, which the Debian system is built with`;
  const byHand = `mount -t binfmt_misc none ${BINFMT}; cat ${lineFor(architecture)} > ${BINFMT}/register`;
  if (process.getuid() !== 0) throw new Error(`${need}: run this as root once, or ${byHand}`);
  say(`registering QEMU for programs of ${architecture} (binfmt_misc)`);
  if (!existsSync(`${BINFMT}/register`)) mount();
  if (!existsSync(`${BINFMT}/${QEMU_NAMES[architecture]}`)) register(architecture);
  if (!runs(architecture)) throw new Error(`${need}, although QEMU is registered: ${byHand}`);
}

function runs(architecture) {
  return spawnSync('arch-test', [architecture]).status === 0;
}

function mount() {
  const { status, stderr } = spawnSync('mount', ['-t', 'binfmt_misc', 'none', BINFMT], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`cannot mount binfmt_misc (${stderr.trim()}): a container needs more privileges for it`);
  }
}

function register(architecture) {
  const path = lineFor(architecture);
  const line = readFileSync(path, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(':'));
  if (line === undefined) throw new Error(`${path} has no line for binfmt_misc`);
  writeFileSync(`${BINFMT}/register`, line);
}
