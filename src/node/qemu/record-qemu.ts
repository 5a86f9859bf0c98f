import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { refuse } from '../../base/error.js';
import { rangeOf } from '../../base/range.js';
import { deleteProperty, findNode } from '../../formats/fdt/edit.js';
import { parseFdt } from '../../formats/fdt/parse.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { writeFdt } from '../../formats/fdt/write.js';
import { readCpusOfQemu } from '../../machine/arm64/cpus.js';
import { findReservations } from '../../machine/device-tree.js';
import { findMemory } from '../../machine/device-tree-memory.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import { findBoard } from '../../machine/qemu-boards.js';
import { readFile } from '../files/read-file.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { beforeEnd } from '../process/ending.js';
import { ARM64_PLATFORM } from './arm64-platform.js';
import { buildQemuArguments, toQemuError } from './qemu-arguments.js';

/**
 * Records the machine that QEMU emulates with these options, from the device tree that a guest would get (`dumpdtb`).
 *
 * Without a kernel to boot, QEMU puts that device tree at the start of RAM; it counts as reserved.
 *
 * @throws KexecError check `qemu-options` for options that are more than a machine, and for a board without device tree;
 *   `qemu-run`, if QEMU is not installed or refuses them.
 */
export async function recordFromQemu(options: QemuOptions): Promise<Machine> {
  if (findBoard(options.machine)?.hasDeviceTree === false) {
    refuse('qemu-options', 'EINVAL', `QEMU describes no board ${options.machine} by a device tree`, {
      cure: 'record it by booting a kernel there: kexec-file machine record --qemu --board q35 --kernel vmlinuz',
    });
  }
  const blob = await dumpDeviceTree(options);
  const fdt = parseFdt(blob);
  dropSeeds(fdt);
  const memory = findMemory(fdt);
  const [lowest] = memory;
  if (lowest === undefined) refuse('machine-facts', 'EINVAL', `QEMU's ${options.machine} has no RAM`);
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
      ...readCpusOfQemu(options.cpu),
    },
  };
}

/** Removes the seeds, which QEMU draws each time: the same options must record the same machine. */
function dropSeeds({ root }: Fdt): void {
  const chosen = findNode(root, '/chosen');
  if (chosen === undefined) return;
  deleteProperty(chosen, 'kaslr-seed');
  deleteProperty(chosen, 'rng-seed');
}

async function dumpDeviceTree(options: QemuOptions): Promise<Uint8Array> {
  return withTemporaryFolder(async (folder) => {
    const path = join(folder, 'dtb');
    const run = promisify(execFile)(ARM64_PLATFORM.program, buildQemuArguments(options, path));
    const forget = beforeEnd(() => run.child.kill('SIGKILL'));
    try {
      await run;
    } catch (cause) {
      throw toQemuError(ARM64_PLATFORM, cause);
    } finally {
      forget();
    }
    return readFile(path);
  });
}
