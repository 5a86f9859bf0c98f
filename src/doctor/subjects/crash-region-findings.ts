import { attempt, KexecError } from '../../base/error.js';
import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize, formatSize } from '../../base/sizes.js';
import { alignUp, MIB, maximum } from '../../base/u64.js';
import { chooseCrashkernel } from '../../crash/crashkernel/choose-crashkernel.js';
import { explainMissingRegion } from '../../crash/crashkernel/explain-reservation.js';
import { listParameters } from '../../crash/crashkernel/parse-crashkernel.js';
import { measureLowRam, reserveCrashkernel } from '../../crash/crashkernel/reserve-crashkernel.js';
import { type CrashKernelFiles, estimateNeed, measureFiles } from '../../crash/estimate.js';
import { recommendCrashRegion } from '../../crash/usual-crashkernel.js';
import { measureUnpacked } from '../../kernel-file/initrd/measure-unpacked.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { describeCommandLinePlace } from '../../machine/boot-loader.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import { diagnoseCrashCma } from './crash-cma-findings.js';

const RESERVES = 'reserve_crashkernel()';
const OUT_OF_MEMORY = 'a crash kernel that runs out of memory saves no dump';
const DEFAULTS = "the defaults of kdump-utils and of Debian's kdump-tools";

/** Linux reserves this much by itself from 6.2 on. */
const LOW = 'crashkernel=128M,low';

/** Finds whether memory is reserved for a crash kernel, and whether it is likely to be enough. */
export function diagnoseCrashRegion(machine: Machine, intended: IntendedLoad): Finding[] {
  const { crashRegion } = machine;
  if (crashRegion === undefined) return [diagnoseMissing(machine)];
  return [
    { ...diagnoseSize(machine, crashRegion), source: `Crash kernel in /proc/iomem; ${DEFAULTS}` },
    ...diagnoseNeed(machine, crashRegion, intended),
    ...diagnoseLow(machine, crashRegion),
    ...diagnoseCrashCma(machine),
    ...diagnoseIgnored(machine),
  ];
}

function diagnoseMissing(machine: Machine): Finding {
  const finding = {
    topic: 'crash-region',
    severity: 'stops',
    about: 'kdump',
    why: 'a crash kernel runs in memory that the running kernel reserves at boot; without it, the load fails with EADDRNOTAVAIL',
    source: `/proc/iomem and the command line; ${RESERVES}, ${DEFAULTS}`,
  } as const;
  const { isCertain, parameters, reason, cure } = explainMissingRegion(machine);
  if (!isCertain) {
    const fact = 'whether memory is reserved for a crash kernel is not known';
    return { ...finding, severity: 'unknown', fact: `${fact}: ${reason}`, cure };
  }
  const none = 'no memory is reserved for a crash kernel';
  const fact = parameters === undefined ? none : `${parameters} is on the command line, but ${none}`;
  return { ...finding, fact: `${fact}: ${reason}`, cure };
}

function diagnoseSize(machine: Machine, { high, low }: CrashRegion): Omit<Finding, 'source'> {
  const recommended = recommendCrashRegion(machine);
  const where = [high, ...(low === undefined ? [] : [low])].map(formatRange).join(' and ');
  const cma = totalSize(machine.crashCma ?? []);
  const fact = `${formatParameterSize(size(high))} are reserved for a crash kernel, at ${where}`;
  const finding = { topic: 'crash-region', about: 'kdump' } as const;
  if (recommended === undefined) {
    const why = 'the default parameters of distributions reserve nothing on a machine with so little RAM';
    return { ...finding, severity: 'fine', fact, why };
  }
  const usual = `${recommended.by} would reserve ${formatParameterSize(recommended.bytes)}`;
  if (size(high) + cma >= recommended.bytes)
    return { ...finding, severity: 'fine', fact, why: `${usual} on this machine` };
  return {
    ...finding,
    severity: 'warns',
    fact: `${fact}; ${usual}`,
    why: OUT_OF_MEMORY,
    cure: `${adviseSize(machine, recommended.bytes)}; kexec-file crash estimate computes what kernel and initrd need, and kexec-file crash rehearse tries it in QEMU`,
  };
}

/** How to boot with a crash region of this size. */
function adviseSize(machine: Machine, bytes: bigint): string {
  const { parameter } = chooseCrashkernel(bytes, machine);
  return `boot with ${parameter} (${describeCommandLinePlace(machine, parameter)})`;
}

/** Of several parameters, one or two count. */
function diagnoseIgnored(machine: Machine): Finding[] {
  const reservation = reserveCrashkernel(machine);
  if (reservation.kind !== 'reserved') return [];
  const { text, ignored: others } = reservation.request;
  // Those with ",cma" have findings of their own.
  const ignored = others.filter((parameter) => !parameter.endsWith(',cma'));
  if (ignored.length === 0) return [];
  return [
    {
      topic: 'crash-region',
      severity: 'fine',
      about: 'kdump',
      fact: `the kernel takes ${text}, and ignores ${listParameters(ignored)}`,
      why: 'the last crashkernel= without a suffix counts; only without such a one do ",high" and ",low" count',
      source: 'the command line; get_last_crashkernel()',
    },
  ];
}

/** Compares the region with the estimate of crash estimate. Whether the files fit at all is a finding of the load. */
function diagnoseNeed(
  machine: Machine,
  { high }: CrashRegion,
  { kernel, initrd, initrdReport, commandLine, panic }: IntendedLoad,
): Finding[] {
  if (kernel === undefined || panic !== true) return [];
  // A malformed kernel or initrd is a finding of its own subject.
  const unpacked = initrd && initrdReport && measureUnpacked(initrd, initrdReport);
  const files = attempt(() =>
    measureFiles(kernel, initrd, { unpacked, commandLine: commandLine ?? machine.commandLine }),
  );
  if (files instanceof KexecError) return [];
  const { sum: need } = estimateNeed(files, machine);
  const reserved = size(high) + totalSize(machine.crashCma ?? []);
  if (need <= reserved) return [];
  const larger = adviseSize(machine, alignUp(maximum(need, recommendCrashRegion(machine)?.bytes ?? 0n), MIB));
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact:
        `${describeFiles(files)}; when they run, they need about ${formatParameterSize(need)}, but only ` +
        `${formatParameterSize(reserved)} are reserved`,
      why: OUT_OF_MEMORY,
      cure:
        files.initrd === undefined
          ? larger
          : `make the initrd smaller (MODULES=dep, dracut --hostonly), or ${larger}`,
      source: "image_size, the initrd's size and its unpacked size: kexec-file crash estimate prints the sum",
    },
  ];
}

function describeFiles({ kernel, initrd }: CrashKernelFiles): string {
  const text = `the kernel takes ${formatParameterSize(kernel)}`;
  if (initrd === undefined) return text;
  const { packed, unpacked } = initrd;
  const inside = unpacked === undefined ? '' : ` (${formatParameterSize(unpacked)} unpacked)`;
  return `${text}, the initrd ${formatParameterSize(packed)}${inside}`;
}

function diagnoseLow(machine: Machine, { high, low }: CrashRegion): Finding[] {
  const rules = findMachineArchitecture(machine).findCrashkernelRules(machine);
  if (high.start < rules.lowLimit || low !== undefined || measureLowRam(machine, rules) === 0n) return [];
  const limit = formatSize(rules.lowLimit);
  return [
    {
      topic: 'crash-region',
      severity: 'warns',
      about: 'kdump',
      fact: `all memory for the crash kernel is above ${limit}: ${formatRange(high)}`,
      why: 'some devices, among them disks and network cards, cannot address it',
      cure: rules.hasHigh
        ? `add ${LOW} to the command line (${describeCommandLinePlace(machine, LOW)}), and reboot`
        : `leave out the address, so that the kernel reserves below ${limit}: ${adviseSize(machine, size(high))}`,
      source: `Crash kernel in /proc/iomem; ${RESERVES}`,
    },
  ];
}
