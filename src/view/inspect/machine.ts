import { hex } from '../../base/u64.js';
import type { Machine } from '../../machine/machine.js';
import { formatRange, totalSize } from '../../memory/range.js';
import type { Facts } from './facts.js';

/** A machine value: where its map comes from, its memory, CPUs, crash region and command line. */
export function machineFacts(machine: Machine): Facts {
  const { crashRegion, cpu, qemu } = machine;
  return {
    name: machine.name,
    memorySource: machine.memorySource,
    ram: hex(totalSize(machine.memory)),
    memory: machine.memory.map(formatRange),
    reserved: machine.reserved.map(formatRange),
    crashRegion:
      crashRegion === undefined
        ? 'none'
        : [crashRegion.high, crashRegion.low].filter((range) => range !== undefined).map(formatRange),
    deviceTree: `${hex(machine.deviceTree.length)} bytes`,
    commandLine: machine.commandLine ?? 'unknown',
    pageSize: `${machine.pageSize / 1024}K`,
    granules: cpu.granules?.map((granule) => `${granule / 1024}K`).join(', ') ?? 'unknown',
    mixedEndian: cpu.mixedEndian ?? 'unknown',
    kexecSignature: machine.kexecSignature ?? 'unknown',
    lockdown: machine.lockdown ?? 'unknown',
    ...(qemu === undefined
      ? {}
      : { qemu: `-M ${qemu.machine} -cpu ${qemu.cpu} -m ${qemu.memory} -smp ${qemu.cpus}` }),
  };
}
