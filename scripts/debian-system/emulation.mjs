/** Programs of arm64 on this machine: the kernel starts QEMU for them (binfmt_misc). */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { say } from '../setup/files.mjs';

const BINFMT = '/proc/sys/fs/binfmt_misc';

/** The package qemu-user-static brings the line that the kernel wants. */
const QEMU_LINE = '/usr/lib/binfmt.d/qemu-aarch64.conf';

/**
 * Makes sure that programs of arm64 run here: mounts binfmt_misc and registers QEMU if need be, which takes root.
 *
 * @throws Error if they do not run, with what to do
 */
export function ensureEmulation() {
  if (runsArm64()) return;
  if (process.getuid() !== 0) throw new Error(`${describeNeed()}: run this as root once, or ${BY_HAND}`);
  say('registering QEMU for programs of arm64 (binfmt_misc)');
  if (!existsSync(`${BINFMT}/register`)) mount();
  if (!existsSync(`${BINFMT}/qemu-aarch64`)) register();
  if (!runsArm64()) throw new Error(`${describeNeed()}, although QEMU is registered: ${BY_HAND}`);
}

const BY_HAND = `mount -t binfmt_misc none ${BINFMT}; cat ${QEMU_LINE} > ${BINFMT}/register`;

function describeNeed() {
  return 'this machine does not run programs of arm64, which the Debian system is built with';
}

function runsArm64() {
  return spawnSync('arch-test', ['arm64']).status === 0;
}

function mount() {
  const { status, stderr } = spawnSync('mount', ['-t', 'binfmt_misc', 'none', BINFMT], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`cannot mount binfmt_misc (${stderr.trim()}): a container needs more privileges for it`);
  }
}

function register() {
  const line = readFileSync(QEMU_LINE, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(':'));
  if (line === undefined) throw new Error(`${QEMU_LINE} has no line for binfmt_misc`);
  writeFileSync(`${BINFMT}/register`, line);
}
