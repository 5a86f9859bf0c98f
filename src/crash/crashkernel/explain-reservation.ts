/** Why a machine has no crash region, and what to do about that very cause. */
import { formatRange, overlaps, type Range, rangeOf, totalSize } from '../../base/range.js';
import { formatParameterSize, formatSize } from '../../base/sizes.js';
import { alignDown, hex, MIB } from '../../base/u64.js';
import { findMachineArchitecture } from '../../machine/architectures.js';
import { describeCommandLinePlace } from '../../machine/boot-loader.js';
import type { CrashkernelRules } from '../../machine/crashkernel-rules.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { recommendCrashRegion } from '../usual-crashkernel.js';
import { chooseCrashkernel } from './choose-crashkernel.js';
import type { CrashkernelFault, CrashkernelRequest } from './parse-crashkernel.js';
import {
  hasReservation,
  type NoMemory,
  type Reservation,
  reserveCrashkernel,
} from './reserve-crashkernel.js';

/** Why there is no crash region. */
export interface MissingRegion {
  /** False if a region may have been reserved, and only was not recorded. */
  readonly isCertain: boolean;
  /** The `crashkernel=` parameters that count; absent if there are none, or if they are unknown. */
  readonly parameters?: string;
  readonly reason: string;
  /** What to do about this very reason. */
  readonly cure: string;
}

/** Explains why a machine without a crash region has none: each cause has a cure of its own. */
export function explainMissingRegion(machine: MachineFacts): MissingRegion {
  const { commandLine } = machine;
  const record = 'record the machine as root, with /proc/iomem and /proc/cmdline';
  if (commandLine === undefined)
    return { isCertain: false, reason: 'the command line was not recorded', cure: record };
  const reservation = reserveCrashkernel(machine);
  // Without crashkernel= nothing is reserved; with it, only iomem shows whether that succeeded.
  if (reservation.kind !== 'absent' && !hasIomem(machine))
    return {
      isCertain: false,
      reason: '/proc/iomem was not recorded, which lists what is reserved',
      cure: record,
    };
  return { isCertain: true, ...explainReservation(reservation, machine) };
}

function hasIomem({ memorySource, unknown = [] }: MachineFacts): boolean {
  return memorySource !== 'device-tree' && unknown.every(({ fact }) => fact !== 'iomem');
}

type Explanation = Omit<MissingRegion, 'isCertain'>;

function explainReservation(reservation: Reservation, machine: MachineFacts): Explanation {
  switch (reservation.kind) {
    case 'absent':
      return { reason: 'the command line has no crashkernel=', cure: adviseParameter(machine) };
    case 'fault':
      return explainFault(reservation, machine);
    case 'refused':
      return explainNoMemory(reservation.request, reservation.why, machine);
    case 'reserved':
      return explainUnexplained(reservation.request, machine);
  }
}

/** How to ask for a region on this machine: the parameter that its kernel can fulfil, and where to write it. */
function adviseParameter(machine: MachineFacts): string {
  const parameter = recommendParameter(machine);
  return parameter === undefined
    ? `the machine has little RAM: kexec-file crash estimate computes a size; add it as crashkernel= to ${describePlace(machine, 'crashkernel=SIZE')}`
    : `add ${parameter} to ${describePlace(machine, parameter)}`;
}

function adviseReplacement(text: string, machine: MachineFacts, bytes?: bigint): string {
  const parameter =
    bytes === undefined ? recommendParameter(machine) : chooseCrashkernel(bytes, machine).parameter;
  if (parameter === undefined) return adviseParameter(machine);
  return `replace ${text} by ${parameter} on ${describePlace(machine, parameter)}`;
}

function recommendParameter(machine: MachineFacts): string | undefined {
  const recommended = recommendCrashRegion(machine);
  return recommended && chooseCrashkernel(recommended.bytes, machine).parameter;
}

function describePlace(machine: MachineFacts, parameter: string): string {
  return `the running kernel's command line (${describeCommandLinePlace(machine, parameter)}), and reboot`;
}

function explainFault({ text, cause, message }: CrashkernelFault, machine: MachineFacts): Explanation {
  const { highSince } = findMachineArchitecture(machine).findCrashkernelRules(machine);
  const ram = formatSize(totalSize(machine.memory));
  const release = machine.kernel?.release ?? 'the running kernel';
  const replace = adviseReplacement(text, machine);
  const reasons: Readonly<Record<CrashkernelFault['cause'], string>> = {
    malformed: `the kernel cannot parse it, and logs "${message}"`,
    'no-range': `none of its ranges has the RAM of this machine, ${ram}`,
    zero: 'it asks for 0 bytes',
    'too-large': `it asks for as much as the machine has, ${ram} of RAM, or more`,
    'no-high': `${release} ignores crashkernel= with ",high" and ",low"; Linux ${highSince} and later reserve for them`,
    'suffix-alone':
      '",low" and ",cma" count only beside crashkernel=SIZE or crashkernel=SIZE,high, and neither is there',
  };
  const cures: Partial<Record<CrashkernelFault['cause'], string>> = {
    'no-range': `add a range for ${ram}, or ${replace}`,
    'no-high': `${replace}; or run Linux ${highSince} or later`,
  };
  return { parameters: text, reason: reasons[cause], cure: cures[cause] ?? replace };
}

function explainNoMemory(request: CrashkernelRequest, why: NoMemory, machine: MachineFacts): Explanation {
  const { text, size, base = 0n } = request;
  const place = rangeOf(base, size);
  const rules = findMachineArchitecture(machine).findCrashkernelRules(machine);
  const free = `leave the address out, so that the kernel finds one: ${adviseReplacement(text, machine, size)}`;
  switch (why.cause) {
    case 'unaligned':
      return {
        parameters: text,
        reason: `${hex(base)} is not a multiple of ${formatSize(rules.alignment)}`,
        cure: `give an address that is one, or ${free}`,
      };
    case 'outside':
      return { parameters: text, reason: `${formatRange(place)} is not all in RAM`, cure: free };
    case 'taken':
      return {
        parameters: text,
        reason: `${formatRange(place)} is not free: ${formatRange(why.by)} is taken`,
        cure: `${free}${adviseNokaslr(place, machine)}`,
      };
    case 'no-room':
      return explainNoRoom(request, why.largest, machine, rules);
    case 'no-low':
      return {
        parameters: text,
        reason:
          `beside it, the kernel reserves ${formatSize(why.lowSize)} below ${formatSize(rules.lowLimit)}, where the ` +
          `largest free piece has ${formatSize(why.largest)}`,
        cure: adviseLow(request, why.largest, machine),
      };
  }
}

function explainNoRoom(
  { text, size, isHigh }: CrashkernelRequest,
  largest: bigint,
  machine: MachineFacts,
  { fallsBackToHigh, lowLimit }: CrashkernelRules,
): Explanation {
  const isLimited = !isHigh && !fallsBackToHigh;
  const release = machine.kernel?.release ?? 'the running kernel';
  const where = isLimited ? ` below ${formatSize(lowLimit)}, where alone ${release} reserves,` : '';
  const other = isLimited
    ? `; or run Linux 6.2 or later, which also reserves above ${formatSize(lowLimit)}`
    : '';
  return {
    parameters: text,
    reason: `it asks for ${formatSize(size)}, and the largest free piece${where} has ${formatSize(largest)}`,
    cure: `ask for less: ${adviseReplacement(text, machine)}${other}`,
  };
}

/** The EFI stub places the kernel at random: at times, over the address that was asked for. */
function adviseNokaslr(place: Range, { crash, commandLine = '' }: MachineFacts): string {
  const isKernel = crash !== undefined && overlaps(crash.text, place);
  if (!isKernel || /(^|\s)nokaslr(\s|$)/.test(commandLine)) return '';
  return '; if it has to be this address, add nokaslr, because the kernel itself lies there in this boot';
}

/** Devices that address only low memory need some of it; without such devices, 0 is right. */
function adviseLow({ text, size }: CrashkernelRequest, largest: bigint, machine: MachineFacts): string {
  const low = alignDown(largest, 16n * MIB);
  const parameter = `crashkernel=${formatParameterSize(size)},high crashkernel=${low / MIB}M,low`;
  const why = low === 0n ? ' (if no device needs low memory)' : '';
  return `replace ${text} by ${parameter}${why} on ${describePlace(machine, parameter)}`;
}

/** The kernel had room by all that is recorded. */
function explainUnexplained({ text }: CrashkernelRequest, machine: MachineFacts): Explanation {
  if (hasReservation(machine.kernel) === false) {
    return {
      parameters: text,
      reason: 'the running kernel has no CONFIG_CRASH_DUMP, and so reserves nothing',
      cure: 'run a kernel with CONFIG_CRASH_DUMP=y',
    };
  }
  return {
    parameters: text,
    reason: 'by what is recorded, there is room for it',
    cure:
      'search the log of the boot for its reason (dmesg | grep -i crashkernel); if it was reserved, something gave it back ' +
      `(a 0 in /sys/kernel/kexec_crash_size): reboot; otherwise ${adviseReplacement(text, machine)}`,
  };
}
