import { readBootTree } from '../../machine/architectures.js';
import { readBoardNames } from '../../machine/board-names.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

/** A kind of machine on which kexec was reported to fail. */
interface Report {
  readonly isIt: (machine: Machine, board: readonly string[]) => boolean;
  readonly machine: string;
  /** What was reported. */
  readonly seen: string;
  readonly source: string;
}

const REPORTS: readonly Report[] = [
  {
    isIt: ({ systemVendor, systemProduct }) =>
      systemVendor === 'Microsoft Corporation' && systemProduct === 'Virtual Machine',
    machine: 'a virtual machine of Hyper-V or Azure',
    seen: 'on Azure, kexec crashed the virtual machine, and its host started the firmware again',
    source: 'https://github.com/systemd/systemd/issues/20072',
  },
  {
    isIt: ({ systemVendor }) => systemVendor === 'Xen',
    machine: 'a virtual machine of Xen',
    seen: 'in clouds on Xen, kexec crashed the virtual machine',
    source: 'https://github.com/SUSE/suse-migration-services/pull/126',
  },
  {
    isIt: ({ architecture, systemVendor }) =>
      architecture === 'arm64' && systemVendor?.startsWith('VMware') === true,
    machine: 'a virtual machine of VMware for arm64',
    seen: 'under VMware Fusion for arm64, kexec failed',
    source: 'https://github.com/siderolabs/talos/issues/4677',
  },
  {
    isIt: ({ systemProduct }, board) =>
      [systemProduct ?? '', ...board].some((name) => /^(Raspberry Pi 4|raspberrypi,4)/.test(name)),
    machine: 'a Raspberry Pi 4',
    seen: 'after kexec, secondary CPUs or HDMI did not start with some versions of the firmware',
    source: 'https://github.com/siderolabs/talos/pull/4608, https://github.com/siderolabs/talos/pull/5670',
  },
];

/** Warns of machines on which kexec was reported to fail for reasons that no fact of a machine shows. */
export function diagnoseHardware(machine: Machine): Finding[] {
  const tree = readBootTree(machine);
  const board = tree === undefined ? [] : readBoardNames(tree);
  return REPORTS.filter(({ isIt }) => isIt(machine, board)).map((report) => ({
    topic: 'firmware',
    severity: 'warns',
    about: 'kexec',
    fact: `this is ${report.machine}`,
    why: `${report.seen}; nothing that can be read foresees it`,
    cure: 'try kexec on one such machine first, with panic= and a watchdog; else reboot it through firmware',
    source: `/sys/class/dmi/id and the device tree; ${report.source}`,
  }));
}
