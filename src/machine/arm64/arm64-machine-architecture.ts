import type { MachineArchitecture } from '../architecture.js';
import { findCrashkernelRules } from './arm64-crashkernel-rules.js';
import type { Arm64Machine } from './arm64-machine.js';
import { readCpuNodes } from './cpus.js';
import { findDeviceTreeRange, readDeviceTree } from './read-device-tree.js';

/** arm64's answers about its machines. */
export const ARM64_MACHINES: MachineArchitecture<Arm64Machine> = {
  name: 'arm64',
  readBootTree: readDeviceTree,
  findBootTreeRange: (machine) => findDeviceTreeRange(readDeviceTree(machine), machine),
  findCrashkernelRules,

  /** The device tree has them for machine values that do not. */
  readCpuStart(machine) {
    const { enableMethods: recorded } = machine.arm64;
    if (recorded !== undefined && machine.possibleCpus !== undefined)
      return { possibleCpus: machine.possibleCpus, methods: recorded };
    const { possibleCpus, enableMethods = [] } = readCpuNodes(readDeviceTree(machine));
    return { possibleCpus: machine.possibleCpus ?? possibleCpus, methods: recorded ?? enableMethods };
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
