import {
  buildReusedCommandLine,
  formatParameters,
  joinCommandLine,
  parseCommandLine,
  toUnderscores,
} from './command-line.js';

/** Parameters with the reasons why a capture kernel gets them, or does not get them. */
type Parameters = Readonly<Record<string, string>>;

/**
 * Parameters of the running kernel that a capture kernel does not get, beside those that `buildReusedCommandLine()`
 * drops, and the reasons.
 */
export const DROPPED_FOR_CAPTURE: Parameters = {
  'mem maxcpus nr_cpus possible_cpus': 'the capture kernel has its own memory and CPUs',
  'isolcpus nohz_full rcu_nocbs irqaffinity': 'they name CPUs that it does not start',
  'hugepages hugepagesz default_hugepagesz hugetlb_cma cma':
    'they reserve some of the little memory that there is',
  'log_buf_len swiotlb slub_debug slab_debug page_owner kasan kfence.num_objects': 'they take memory, too',
  'rdinit panic quiet':
    'the capture kernel needs its own: which init runs, that it restarts the machine, that it prints',
};

/** Parameters that a capture kernel gets in addition, and the reasons. */
export const ADDED_FOR_CAPTURE: Parameters = {
  'nr_cpus=1': 'one CPU needs the least memory, and the others may hang',
  reset_devices: 'drivers reset what the crash left running',
  irqpoll: 'interrupts without a handler do not stop it',
  'cgroup_disable=memory': 'saves memory',
  'panic=10': 'if it crashes, too, the machine restarts',
};

/** As {@link DROPPED_FOR_CAPTURE}, on x86_64 alone. */
export const DROPPED_FOR_X86_CAPTURE: Parameters = {
  memmap: 'the load hands over the memory map of the capture kernel',
  'numa mce transparent_hugepage disable_cpu_apicid': 'it gets its own values of them',
};

/** As {@link ADDED_FOR_CAPTURE}, on x86_64 alone: most of those of kdump-utils. */
export const ADDED_FOR_X86_CAPTURE: Parameters = {
  'mce=off': 'machine checks that the crash left do not stop it',
  'numa=off': 'one node needs the least memory',
  acpi_no_memhotplug: 'ACPI does not add memory that belongs to the dump',
  'transparent_hugepage=never': 'saves memory',
  nokaslr: 'it stays where it was placed',
  hest_disable: "saves the memory of the firmware's error records",
  novmcoredd: 'drivers add no dumps of their devices, which take memory',
};

/** The architecture whose capture kernels get more than others. */
const X86 = 'x86_64';

/**
 * Parameters that a capture kernel does not get on machines of a vendor, neither added nor reused, by DMI's sys_vendor.
 * EC2's arm64 machines are Gravitons, where kdump-utils leaves irqpoll out (`is_aws_aarch64()`): a PCI device may go
 * away. On x86_64, it is left in.
 */
const DROPPED_BY_VENDOR: ReadonlyMap<string, readonly string[]> = new Map([['Amazon EC2', ['irqpoll']]]);

/** What the command line of a capture kernel depends on, beside the running kernel's: facts of a machine, or a part of them. */
export interface CaptureMachine {
  /** As in `machine.architecture`; without it, the command line has what is right for all. */
  readonly architecture?: string | undefined;
  /** As in `machine.systemVendor`. */
  readonly systemVendor?: string | undefined;
  /** As in `machine.x86`. */
  readonly x86?: { readonly bootApicId?: number } | undefined;
}

export interface CaptureOptions extends CaptureMachine {
  /** The names of further parameters that it should not get. */
  readonly remove?: readonly string[] | undefined;
}

/**
 * Builds the command line of a capture kernel from the running kernel's: without {@link DROPPED_FOR_CAPTURE}, with
 * {@link ADDED_FOR_CAPTURE}, and as the architecture needs it; without what the options remove, and what is left out on
 * machines of the vendor, of both.
 */
export function buildCaptureCommandLine(running: string, options: CaptureOptions = {}): string {
  const { remove = [] } = options;
  const excluded = [...remove, ...listDroppedByVendor(options)].map(toUnderscores);
  const dropped = [...listDropped(options), ...excluded];
  const kept = parseCommandLine(buildReusedCommandLine(running, { panic: true })).filter(
    ({ name }) => !dropped.includes(toUnderscores(name)),
  );
  const added = parseCommandLine(listAdded(options).join(' ')).filter(
    ({ name }) => !excluded.includes(toUnderscores(name)),
  );
  return joinCommandLine(formatParameters(kept), formatParameters(added));
}

function listDropped({ architecture }: CaptureMachine): string[] {
  const tables = [DROPPED_FOR_CAPTURE, ...(architecture === X86 ? [DROPPED_FOR_X86_CAPTURE] : [])];
  return tables.flatMap((table) => Object.keys(table)).flatMap((names) => names.split(' '));
}

function listAdded({ architecture, x86 }: CaptureMachine): string[] {
  const common = Object.keys(ADDED_FOR_CAPTURE);
  if (architecture !== X86) return common;
  const id = x86?.bootApicId;
  // If another CPU starts the one that firmware started, the machine restarts. Linux 6.9 and later find it by themselves.
  const boot = id === undefined ? [] : [`disable_cpu_apicid=${id}`];
  return [...common, ...Object.keys(ADDED_FOR_X86_CAPTURE), ...boot];
}

function listDroppedByVendor({ architecture, systemVendor = '' }: CaptureMachine): readonly string[] {
  return architecture === X86 ? [] : (DROPPED_BY_VENDOR.get(systemVendor) ?? []);
}
