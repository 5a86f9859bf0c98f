import { refuse } from '../../base/error.js';
import { takeLastLines } from '../../crash/rehearsal/outcome.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { withTemporaryFolder } from '../files/temporary-folder.js';
import { buildGuestArchive, REPORT_FACTS } from './guest-archive.js';
import type { QemuPlatform } from './qemu-platform.js';
import { findQemuPlatform } from './qemu-platforms.js';
import { ReportingGuest } from './reporting-guest.js';
import { requireKernelKind } from './require-kernel-kind.js';

/** A machine of QEMU that must boot to be recorded. */
export interface BootedMachineRequest {
  readonly qemu: QemuOptions;
  readonly firmware: QemuFirmware;
  /** The kernel that boots: what the machine's memory map and facts are depends on it. */
  readonly kernel: Uint8Array;
  readonly busybox: Uint8Array;
  /** Further parameters of the kernel: `crashkernel=256M`. */
  readonly commandLine: string;
  /** The time limit in seconds. */
  readonly timeout: number;
}

/**
 * Boots a kernel in QEMU, runs the collector there, and records the machine from what it collects, as `machine record
 * --from`. By UEFI, the value has no options for QEMU: segments placed on it need what that firmware left in memory, each
 * time elsewhere.
 *
 * @throws KexecError check `kernel-file`, if the kernel is not of the board's kind; `qemu-firmware`, if UEFI firmware or the
 *   kernel's EFI stub is missing; `qemu-run`, if QEMU is not installed, or the guest ends before it has reported its
 *   facts; else as `recordFiles()`
 */
export async function recordBooted(request: BootedMachineRequest): Promise<Machine> {
  const { qemu, firmware, kernel, busybox, commandLine, timeout } = request;
  const platform = findQemuPlatform(qemu);
  requireKernelKind(platform, kernel);
  const machine = await withTemporaryFolder(async (folder) => {
    const guest = await ReportingGuest.start({
      ...{ qemu, firmware, kernel, folder, timeout },
      commandLine: `${platform.consoleParameters} ${commandLine}`.trim(),
      archive: buildGuestArchive({ busybox, script: SCRIPT }),
    });
    try {
      const recorded = await guest.record(buildName(qemu, firmware));
      return recorded ?? refuseSilence(platform, await guest.ended, guest.console);
    } finally {
      await guest.stop();
    }
  });
  const whole = await platform.addKernelFacts(machine, kernel);
  return firmware === 'none' ? { ...whole, qemu } : whole;
}

/** The serial port of a PC still sends what was written: stty changes it once that is done (TCSADRAIN of tcsetattr(3)). */
const SCRIPT = `${REPORT_FACTS}stty echo
poweroff -f
`;

/** `qemu-virt-uefi,virtualization=on`, `qemu-q35` */
function buildName({ machine }: QemuOptions, firmware: QemuFirmware): string {
  const [board, ...properties] = machine.split(',');
  return [`qemu-${board}${firmware === 'none' ? '' : `-${firmware}`}`, ...properties].join(',');
}

function refuseSilence({ uart }: QemuPlatform, ended: string, console: string): never {
  const last = takeLastLines(console).join(' | ');
  refuse('qemu-run', 'EINVAL', `${ended}, and had not reported its facts; its last lines: ${last}`, {
    cure: `give a kernel that boots on QEMU (its console is ${uart}), and more time with --timeout`,
  });
}
