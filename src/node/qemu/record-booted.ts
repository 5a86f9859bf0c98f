import { refuse } from '../../base/error.js';
import { takeLastLines } from '../../crash/rehearsal/outcome.js';
import { QEMU_CONSOLE } from '../../crash/rehearsal/stand-in.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { buildGuestArchive, REPORT_FACTS } from './guest-archive.js';
import { ReportingGuest } from './reporting-guest.js';

/** A machine of QEMU that must boot to be recorded. */
export interface BootedMachineRequest {
  readonly qemu: QemuOptions;
  readonly firmware: QemuFirmware;
  /** The Image that boots: what the machine's memory map and facts are depends on it. */
  readonly kernel: Uint8Array;
  readonly busybox: Uint8Array;
  /** Further parameters of the kernel: `crashkernel=256M`. */
  readonly commandLine: string;
  /** The time limit in seconds. */
  readonly timeout: number;
}

/**
 * Boots a kernel in QEMU, runs the collector there, and records the machine from what it collects, as `machine record
 * --from`. The value has no options for QEMU: segments placed on it need what the firmware left in memory.
 *
 * @throws KexecError check `qemu-firmware`, if UEFI firmware or the kernel's EFI stub is missing; `qemu-run`, if QEMU is
 *   not installed, or the guest ends before it has reported its facts; else as `recordFiles()`
 */
export async function recordBooted(request: BootedMachineRequest): Promise<Machine> {
  const { qemu, firmware, kernel, busybox, commandLine, timeout } = request;
  return withTemporaryFolder(async (folder) => {
    const guest = await ReportingGuest.start({
      ...{ qemu, firmware, kernel, folder, timeout },
      commandLine: `${QEMU_CONSOLE} ${commandLine}`.trim(),
      archive: buildGuestArchive({ busybox, script: `${REPORT_FACTS}poweroff -f\n` }),
    });
    try {
      const machine = await guest.record(buildName(qemu, firmware));
      return machine ?? refuseSilence(await guest.ended, guest.console);
    } finally {
      await guest.stop();
    }
  });
}

/** `qemu-virt-uefi,virtualization=on` */
function buildName({ machine }: QemuOptions, firmware: QemuFirmware): string {
  const [board, ...properties] = machine.split(',');
  return [`qemu-${board}-${firmware}`, ...properties].join(',');
}

function refuseSilence(ended: string, console: string): never {
  const last = takeLastLines(console).join(' | ');
  refuse('qemu-run', 'EINVAL', `${ended}, and had not reported its facts; its last lines: ${last}`, {
    cure: 'give a kernel that boots on QEMU (its console is a PL011), and more time with --timeout',
  });
}
