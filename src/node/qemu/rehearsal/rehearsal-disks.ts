import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, KexecError } from '../../../base/error.js';
import { formatSize } from '../../../base/sizes.js';
import { GIB, MIB } from '../../../base/u64.js';
import type { CaptureTarget } from '../../../crash/capture/capture-target.js';
import type { RehearsalOutcome } from '../../../crash/rehearsal/outcome.js';
import { hasMagic, magicLength } from '../../../formats/magics.js';
import type { QemuOptions } from '../../../machine/machine-facts.js';
import { summarizeVmcore } from '../../../vmcore/summary/vmcore-summary.js';
import { withFileSource } from '../../files/file-source.js';
import { withVmcore } from '../../vmcore/vmcore-file.js';
import { escapeQemuValue } from '../qemu-arguments.js';

/** The disks of a rehearsal: the capture kernel uses the one that it has a driver for. */
const DISKS = [
  { name: 'nvme', device: 'nvme,serial=rehearsal', node: '/dev/nvme0n1' },
  { name: 'virtio', device: 'virtio-blk-pci', node: '/dev/vda' },
] as const;

/** The modules that these disks need. */
export const DISK_MODULES = ['virtio_pci', 'virtio_blk', 'nvme'] as const;

/** Room for the headers of a dump, beside the guest's memory, in bytes. */
const HEADER_ROOM = 64n * MIB;

/** A dump that a rehearsal saved. */
export interface RehearsedDump {
  /** In the rehearsal's folder. */
  readonly path: string;
  /** In bytes. */
  readonly size: bigint;
  readonly release?: string | undefined;
  readonly panic?: string | undefined;
}

/** Lists the disks as targets of the capture initrd. */
export function listDiskTargets(): CaptureTarget[] {
  return DISKS.map(({ node }) => ({ kind: 'raw', value: node, path: '' }));
}

/**
 * Creates the disks, as sparse files in a folder, large enough for a dump of the guest.
 *
 * @returns QEMU's options for them; the files need not survive a crash of the host
 */
export function createDisks(folder: string, qemu: QemuOptions): string[] {
  const size = parseMemorySize(qemu.memory) + HEADER_ROOM;
  return DISKS.flatMap(({ name, device }) => {
    const path = join(folder, name);
    const file = openSync(path, 'wx');
    ftruncateSync(file, Number(size));
    closeSync(file);
    return [
      ...['-drive', `if=none,id=${name},format=raw,cache=unsafe,file=${escapeQemuValue(path)}`],
      ...['-device', `${device},drive=${name}`],
    ];
  });
}

/** Parses a size in QEMU's form: a number of MiB, or with the unit M, G or T. Returns bytes. */
function parseMemorySize(text: string): bigint {
  const [, count = '0', unit = 'M'] = /^(\d+)([MGT]?)$/i.exec(text) ?? [];
  const bytes = { M: MIB, G: GIB, T: 1024n * GIB }[unit.toUpperCase()] ?? MIB;
  return BigInt(count) * bytes;
}

/**
 * Reads the dump from the disk that has one.
 *
 * @param size - of the dump in bytes, as the capture kernel reports it
 */
export function findDump(folder: string, size: bigint): RehearsalOutcome & { readonly dump?: RehearsedDump } {
  const path = DISKS.map(({ name }) => join(folder, name)).find(startsWithElfMagic);
  if (path === undefined)
    return { stage: 'read', seen: ['the capture kernel reports that it saved a dump, but no disk has one'] };
  const summary = attempt(() => withVmcore(path, summarizeVmcore));
  if (summary instanceof KexecError)
    return { stage: 'read', seen: [`the dump of ${formatSize(size)} cannot be read: ${summary.seen}`] };
  const { release, panic, problems } = summary;
  const stage = panic === undefined ? 'read' : 'vmcore';
  return { stage, seen: problems, dump: { path, size, release, panic } };
}

function startsWithElfMagic(path: string): boolean {
  return withFileSource(path, (disk) => hasMagic(disk.read(0n, magicLength('elf')), 'elf'));
}
