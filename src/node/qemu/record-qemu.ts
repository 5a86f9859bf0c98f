import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KexecError, refuse } from '../../base/error.js';
import { rangeOf } from '../../base/range.js';
import { deleteProperty, findNode } from '../../formats/fdt/edit.js';
import { parseFdt } from '../../formats/fdt/parse.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { writeFdt } from '../../formats/fdt/write.js';
import { readCpusOfDeviceTree } from '../../machine/arm64/cpus.js';
import { findMemory, findReservations } from '../../machine/device-tree.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { readFile } from '../files/read-file.js';

export const QEMU = 'qemu-system-aarch64';

/** The arguments that make QEMU this machine, without what it runs. */
export function buildQemuArguments({ machine, cpu, memory, cpus }: QemuOptions): string[] {
  return ['-M', machine, '-cpu', cpu, '-m', memory, '-smp', String(cpus), '-nic', 'none', '-display', 'none'];
}

/**
 * The machine that QEMU makes of these options, by the device tree that it would give a guest (`dumpdtb`).
 *
 * QEMU puts that device tree at the start of RAM when it is given no kernel to boot; it counts as reserved.
 *
 * @throws KexecError check `qemu-run` if QEMU is not installed or refuses the options.
 */
export async function recordFromQemu(options: QemuOptions): Promise<Machine> {
  const blob = await dumpDeviceTree(options);
  const fdt = parseFdt(blob);
  dropSeeds(fdt);
  const memory = findMemory(fdt);
  const [lowest] = memory;
  if (lowest === undefined) {
    refuse('machine-facts', 'EINVAL', `QEMU's ${options.machine} has no RAM`);
  }
  return {
    architecture: 'arm64',
    name: `qemu-${options.machine}`,
    memorySource: 'device-tree',
    memory,
    reserved: [rangeOf(lowest.start, BigInt(blob.length)), ...findReservations(fdt)],
    pageSize: 4096,
    qemu: options,
    arm64: {
      deviceTree: writeFdt(fdt),
      deviceTreeAddress: lowest.start,
      ...readCpusOfDeviceTree(fdt),
    },
  };
}

/** QEMU makes new seeds each time: without them, the same options record the same machine. */
function dropSeeds({ root }: Fdt): void {
  const chosen = findNode(root, '/chosen');
  if (chosen === undefined) return;
  deleteProperty(chosen, 'kaslr-seed');
  deleteProperty(chosen, 'rng-seed');
}

async function dumpDeviceTree(options: QemuOptions): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'kexec-file-'));
  const path = join(folder, 'dtb');
  try {
    const machine = `${options.machine},dumpdtb=${path.replaceAll(',', ',,')}`;
    await promisify(execFile)(QEMU, buildQemuArguments({ ...options, machine }));
    return readFile(path);
  } catch (cause) {
    throw cause instanceof KexecError ? cause : toQemuError(cause);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why QEMU did not run, in this project's words. */
export function toQemuError(cause: unknown): KexecError {
  const { code, message, stderr } = cause as NodeJS.ErrnoException & { stderr?: string };
  return code === 'ENOENT'
    ? new KexecError(
        'qemu-run',
        'ENOENT',
        `${QEMU} is not installed; on Debian: apt-get install qemu-system-arm`,
        { cause },
      )
    : new KexecError('qemu-run', 'EINVAL', stderr?.trim() || message, { cause });
}
