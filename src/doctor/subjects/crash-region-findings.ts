import { attempt, KexecError } from '../../base/error.js';
import { formatRange, size, totalSize } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import { alignUp, MIB, maximum } from '../../base/u64.js';
import { explainMissingRegion } from '../../crash/crashkernel/explain-reservation.js';
import { listParameters } from '../../crash/crashkernel/parse-crashkernel.js';
import { reserveCrashkernel } from '../../crash/crashkernel/reserve-crashkernel.js';
import { type CrashKernelFiles, estimateNeed, measureFiles } from '../../crash/estimate.js';
import { recommendCrashRegion } from '../../crash/usual-crashkernel.js';
import { measureUnpacked } from '../../kernel-file/initrd/measure-unpacked.js';
import { findArchitecture } from '../../kexec/architectures.js';
import type { CrashRegion } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';
import { adviseSize } from './advise-crash-size.js';
import { diagnoseCrashCma } from './crash-cma-findings.js';
import { diagnoseCrashLow } from './crash-low-findings.js';

const RESERVES = 'reserve_crashkernel()';
const OUT_OF_MEMORY = 'a crash kernel that runs out of memory saves no dump';
const DEFAULTS = "the defaults of kdump-utils and of Debian's kdump-tools";

/** Finds whether memory is reserved for a crash kernel, and whether it is likely to be enough. */
export function diagnoseCrashRegion(machine: Machine, intended: IntendedLoad, next: NextKernel): Finding[] {
  const { crashRegion } = machine;
  if (crashRegion === undefined) return [diagnoseMissing(machine)];
  return [
    { ...diagnoseSize(machine, crashRegion), source: `Crash kernel in /proc/iomem; ${DEFAULTS}` },
    ...diagnoseNeed(machine, crashRegion, intended),
    ...diagnoseCrashLow(machine, crashRegion, next),
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
    measureFiles(findArchitecture(machine).measureKernel(kernel), initrd, machine, {
      unpacked,
      commandLine: commandLine ?? machine.commandLine,
    }),
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
      source:
        "the kernel's header, the initrd's size and its unpacked size: kexec-file crash estimate prints the sum",
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
