import { attempt, KexecError } from '../../base/error.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import { readU32 } from '../../formats/fdt/values.js';
import type { MachineArchitecture } from '../architecture.js';
import { SECURE_BOOT_PROPERTY, SYSTEM_TABLE_PROPERTY } from '../uefi-properties.js';
import { ARM64_CRASH_MEMORY } from './arm64-crash-memory.js';
import { findCrashkernelRules } from './arm64-crashkernel-rules.js';
import type { Arm64Machine } from './arm64-machine.js';
import { readCpuNodes } from './cpus.js';
import { ACPI_CONDUITS } from './psci.js';
import { findDeviceTreeRange, readDeviceTree } from './read-device-tree.js';

/** arm64's answers about its machines. */
export const ARM64_MACHINES: MachineArchitecture<Arm64Machine> = {
  name: 'arm64',
  bootsWithTree: true,
  readUefiBoot,
  imaTakesStubMode: false,
  readStubSecureBoot: readChosenMode,
  readBootTree: readDeviceTree,
  getBootTreeBytes: ({ arm64 }) => arm64.deviceTree,
  verifierOption: 'KEXEC_IMAGE_VERIFY_SIG',
  findBootTreeRange: (machine) => findDeviceTreeRange(readDeviceTree(machine), machine),
  findCrashkernelRules,
  findCrashMemoryRules: () => ARM64_CRASH_MEMORY,

  /** The device tree has them for machine values that do not; without any there, ACPI. */
  readCpuStart(machine) {
    const { enableMethods: recorded } = machine.arm64;
    if (recorded !== undefined && machine.possibleCpus !== undefined)
      return { possibleCpus: machine.possibleCpus, methods: recorded, needsFirmware: true };
    const { possibleCpus, enableMethods = listAcpiMethods(machine) } = readCpuNodes(readDeviceTree(machine));
    return {
      possibleCpus: machine.possibleCpus ?? possibleCpus,
      methods: recorded ?? enableMethods,
      needsFirmware: true,
    };
  },

  adoptPlaces(machine, { arm64: { deviceTreeAddress } }) {
    if (deviceTreeAddress === undefined) return machine;
    return { ...machine, arm64: { deviceTreeAddress, ...machine.arm64 } };
  },

  describe({ arm64: { deviceTree, granules, mixedEndian, enableMethods } }) {
    return {
      deviceTree: `0x${deviceTree.length.toString(16)} bytes`,
      granules: granules?.map((granule) => `${granule / 1024}K`).join(', ') ?? 'unknown',
      mixedEndian: mixedEndian ?? 'unknown',
      enableMethods: enableMethods?.join(', ') ?? 'unknown',
    };
  },
};

/** The EFI stub writes the property. A tree without it may be another than the kernel was booted with. */
function readUefiBoot(machine: Arm64Machine): true | undefined {
  const tree = attempt(() => readDeviceTree(machine));
  const chosen = tree instanceof KexecError ? undefined : findNode(tree, '/chosen');
  return chosen !== undefined && getProperty(chosen, SYSTEM_TABLE_PROPERTY) !== undefined ? true : undefined;
}

/** /chosen has it, on kernels with the patch of Debian and Fedora. */
function readChosenMode(machine: Arm64Machine): number | undefined {
  const chosen = findNode(readDeviceTree(machine), '/chosen');
  const mode = chosen && getProperty(chosen, SECURE_BOOT_PROPERTY);
  return mode?.length === 4 ? readU32(mode) : undefined;
}

/** ACPI's method in the words of the device tree. */
function listAcpiMethods({ acpi }: Arm64Machine): readonly string[] {
  const { cpuMethod = 'unknown' } = acpi ?? {};
  if (cpuMethod === 'unknown') return [];
  return [ACPI_CONDUITS[cpuMethod] === undefined ? cpuMethod : 'psci'];
}
