import * as z from 'zod';
import {
  addressField,
  buildQemuField,
  bytesField,
  COMMON_FIELDS,
  FORMAT_VERSION,
  HEADER_FIELDS,
  possibleCpusField,
} from '../file-fields.js';
import type { Arm64Machine } from './arm64-machine.js';

const granule = z.union([z.literal(4096), z.literal(16384), z.literal(65536)]);

/** The machine file of an arm64 machine. It is flat, as it was before machines had an architecture. */
export const ARM64_FILE = z.strictObject({
  ...HEADER_FIELDS,
  kexecFileMachine: z.literal(FORMAT_VERSION).describe('The version of the format.'),
  architecture: z
    .literal('arm64')
    .exactOptional()
    .describe('The architecture, as the kernel names it. Without it, the machine is an arm64 machine.'),
  ...COMMON_FIELDS,
  qemu: buildQemuField('arm64', { machine: '`virt`, `virt,virtualization=on`', cpu: '`cortex-a57`' }),
  pageSize: granule.describe("The running kernel's page size in bytes, by its configuration or VMCOREINFO."),
  deviceTree: bytesField.describe(
    'The flattened device tree that the running kernel was booted with: /sys/firmware/fdt, or rebuilt from /sys/firmware/devicetree/base.',
  ),
  deviceTreeAddress: addressField
    .exactOptional()
    .describe('The physical address of that device tree, if it is known, as in presets.'),
  cpu: z
    .strictObject({
      granules: z
        .array(granule)
        .readonly()
        .exactOptional()
        .describe(
          'The page sizes in bytes that all CPUs have, by their models: /proc/cpuinfo, or the device tree.',
        ),
      mixedEndian: z
        .boolean()
        .exactOptional()
        .describe(
          'Whether all CPUs can run a big-endian kernel, too, by their models: /proc/cpuinfo, or the device tree.',
        ),
      enableMethods: z
        .array(z.string())
        .readonly()
        .exactOptional()
        .describe('How CPUs are started and stopped, each way once: `psci`, `spin-table`; the device tree.'),
      possible: possibleCpusField,
    })
    .describe('The abilities of the CPUs.'),
});

/** A decoded machine file. */
export type Arm64File = z.output<typeof ARM64_FILE>;

/** The machine of a decoded file. A file without an architecture is from before x86_64. */
export function buildArm64Machine(file: Arm64File): Arm64Machine {
  const {
    schema: _schema,
    version: _version,
    kexecFileMachine: _,
    architecture,
    cpu,
    deviceTree,
    deviceTreeAddress,
    ...facts
  } = file;
  const { possible, ...cpuFacts } = cpu;
  return {
    architecture: 'arm64',
    ...facts,
    ...(possible === undefined ? {} : { possibleCpus: possible }),
    arm64: {
      deviceTree,
      ...(deviceTreeAddress === undefined ? {} : { deviceTreeAddress }),
      ...cpuFacts,
    },
  };
}

/** The file of a machine, to be encoded. */
export function buildArm64File(machine: Arm64Machine): Arm64File {
  const { architecture, arm64, possibleCpus, ...facts } = machine;
  const { deviceTree, deviceTreeAddress, ...cpuFacts } = arm64;
  return {
    kexecFileMachine: FORMAT_VERSION,
    architecture,
    ...facts,
    deviceTree,
    ...(deviceTreeAddress === undefined ? {} : { deviceTreeAddress }),
    cpu: { ...cpuFacts, ...(possibleCpus === undefined ? {} : { possible: possibleCpus }) },
  };
}
