import { attempt, KexecError } from '../../../base/error.js';
import { formatRange, intersect, type Range, totalSize } from '../../../base/range.js';
import { formatParameterSize } from '../../../base/sizes.js';
import { parseBzimageHeader, XLF_5LEVEL, XLF_5LEVEL_ENABLED } from '../../../formats/bzimage/header.js';
import { parseKernelParameters } from '../../../machine/command-line.js';
import { listRam } from '../../../machine/machine-facts.js';
import type { X86Machine } from '../../../machine/x86-64/x86-machine.js';
import type { Finding } from '../../finding.js';
import type { IntendedLoad } from '../../intended-load.js';
import type { NextKernel } from '../../next-kernel.js';

const FRAME = {
  topic: 'cpus',
  about: 'both',
  source: 'pgtable_l5_enabled of VMCOREINFO, la57 of /proc/cpuinfo, xloadflags; bzImage64_probe()',
  evidence: { check: 'bzimage-levels' },
} as const;

/** What a kernel with four levels can map: `MAXMEM`. */
const BEYOND_FOUR_LEVELS: Range = { start: 1n << 46n, end: 1n << 64n };

/** Finds whether the next kernel can be entered with the running kernel's page tables, and map all RAM. */
export function diagnosePageTables(
  machine: X86Machine,
  { kernel }: IntendedLoad,
  next: NextKernel,
): Finding[] {
  const { fiveLevels } = machine.x86;
  if (fiveLevels === undefined) return [UNKNOWN];
  if (!fiveLevels) return [];
  if (kernel === undefined) return [FIVE_LEVELS];
  const header = attempt(() => parseBzimageHeader(kernel));
  // That the kernel is refused is a finding of the load.
  if (header instanceof KexecError || ((header.xloadflags ?? 0) & XLF_5LEVEL) === 0) return [];
  return [judgeMapped(header.xloadflags ?? 0, machine, next)];
}

const UNKNOWN: Finding = {
  ...FRAME,
  severity: 'unknown',
  fact: 'whether the running kernel uses page tables of five levels is not known',
  why: 'if it does, kexec_file_load refuses kernels before Linux 5.3, which do not say that they know them',
  cure: 'record the machine again with /proc/cpuinfo, or as root with /proc/kcore',
};

const FIVE_LEVELS: Finding = {
  ...FRAME,
  severity: 'fine',
  fact: 'the running kernel uses page tables of five levels',
  why: 'kexec_file_load refuses kernels before Linux 5.3, which do not say that they know them (XLF_5LEVEL)',
};

/** The next kernel changes to four levels if it was not built for five, or is to use four: no5lvl. */
function judgeMapped(flags: number, machine: X86Machine, { commandLine = '', about }: NextKernel): Finding {
  const isSwitchedOff = parseKernelParameters(commandLine).some(({ name }) => name === 'no5lvl');
  const usesFive = (flags & XLF_5LEVEL_ENABLED) !== 0 && !isSwitchedOff;
  const fact = `the running kernel uses page tables of five levels, and the next one uses ${usesFive ? 'five' : 'four'}`;
  const lost = usesFive ? [] : intersect(listRam(machine), [BEYOND_FOUR_LEVELS]);
  if (lost.length === 0)
    return { ...FRAME, about, severity: 'fine', fact, why: 'it can be entered with five, and maps all RAM' };
  return {
    ...FRAME,
    about,
    severity: 'warns',
    fact: `${fact}; ${formatParameterSize(totalSize(lost))} of RAM lies beyond 64T, the first at ${lost.slice(0, 1).map(formatRange).join('')}`,
    why: 'with four levels, a kernel ignores RAM beyond 64T, and what is placed there is lost',
    cure: isSwitchedOff
      ? "remove no5lvl from the next kernel's command line"
      : 'take a kernel with CONFIG_X86_5LEVEL=y, or boot the running kernel with no5lvl',
  };
}
