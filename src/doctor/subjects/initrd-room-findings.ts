import { attempt, KexecError } from '../../base/error.js';
import { totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { measureInitrdRoom, unpacksIntoTmpfs } from '../../crash/initrd-room.js';
import { measureUnpacked } from '../../kernel-file/initrd/measure-unpacked.js';
import { findArchitecture } from '../../kexec/architectures.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { listCaptureMemory } from '../../machine/crash-regions.js';
import { listRam } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

const SMALLER = 'make the initrd smaller (MODULES=dep for initramfs-tools, --hostonly for dracut)';

/**
 * Finds whether the initrd's files fit into the memory of the kernel that unpacks them: all RAM, or the crash region.
 */
export function diagnoseRoom(machine: Machine, intended: IntendedLoad, next: NextKernel): Finding[] {
  const { initrd, initrdReport: report, kernel } = intended;
  const memory = measureMemory(machine, next);
  if (initrd === undefined || report === undefined || memory === undefined) return [];
  const measured = kernel && attempt(() => findArchitecture(machine).measureKernel(kernel));
  const known = measured instanceof KexecError ? undefined : measured;
  const commandLine = next.commandLine ?? '';
  const room = measureInitrdRoom(
    {
      memory,
      kernel: known?.memory ?? 0n,
      packed: BigInt(initrd.length),
      pageSize: BigInt(known?.pageSize ?? machine.pageSize),
      usualCma: findMachineArchitecture(machine).findCrashMemoryRules(machine).usualCma,
    },
    commandLine,
  );
  const files = measureUnpacked(initrd, report);
  // Close to the bound, what else the kernel takes at boot decides.
  if (files * 10n <= (room.likely ?? room.bytes) * 9n) return [];
  const isCertain = files > room.bytes;
  const sized = `${report.isWhole ? '' : 'at least '}${formatParameterSize(files)}`;
  const where = next.about === 'kdump' ? 'crash region' : 'memory';
  return [
    {
      topic: 'initrd',
      severity: isCertain ? 'stops' : 'warns',
      about: next.about,
      fact:
        `the initrd's files take ${sized}, and ${isCertain ? 'only' : 'just'} ${formatParameterSize(isCertain ? room.bytes : (room.likely ?? room.bytes))} of ` +
        `the ${where} of ${formatParameterSize(memory)} ${isCertain ? 'are' : 'may be'} there for them`,
      why: `${room.why}; files that find no room are missing ("Initramfs unpacking failed: write error")`,
      cure: describeCure(commandLine, next.about),
      source: 'the initrd, unpacked; init_rootfs(), shmem_default_max_blocks()',
      evidence: { check: 'initrd-room', holds: !isCertain },
    },
  ];
}

function measureMemory(machine: Machine, { about }: NextKernel): bigint | undefined {
  if (about === 'kexec') return totalSize(listRam(machine));
  return machine.crashRegion === undefined ? undefined : totalSize(listCaptureMemory(machine));
}

function describeCure(commandLine: string, about: NextKernel['about']): string {
  const more =
    about === 'kdump'
      ? 'reserve a larger crash region (kexec-file crash estimate)'
      : 'give the machine more memory';
  if (!unpacksIntoTmpfs(commandLine)) return `${SMALLER}, or ${more}`;
  return `${SMALLER}, ${more}, or add root= to the next kernel's command line: a ramfs has no such bound`;
}
