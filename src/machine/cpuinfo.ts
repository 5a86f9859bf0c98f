/** What `/proc/cpuinfo` says of the CPU that a kernel started on, as far as it is asked about a capture kernel. */
export interface CpuinfoFacts {
  /** x86_64, whose CPUs have `flags`; left out for any other. */
  readonly architecture?: 'x86_64';
  readonly x86?: { readonly bootApicId: number };
}

/** @param cpuinfo - the text, of which the first CPU is read; undefined if it is unknown */
export function readCpuinfoFacts(cpuinfo: string | undefined): CpuinfoFacts {
  const [first = ''] = (cpuinfo ?? '').split('\n\n', 1);
  if (!/^flags\s*:/m.test(first)) return {};
  const bootApicId = readBootApicId(cpuinfo);
  return { architecture: 'x86_64', ...(bootApicId === undefined ? {} : { x86: { bootApicId } }) };
}

/**
 * Reads the initial APIC ID of CPU 0, on which the kernel started: on a machine that was not entered by a crash, the one that
 * firmware started.
 *
 * @returns undefined if the text does not begin with CPU 0, or does not say
 */
export function readBootApicId(cpuinfo: string | undefined): number | undefined {
  const [first = ''] = (cpuinfo ?? '').split('\n\n', 1);
  if (!/^processor\s*:\s*0$/m.test(first)) return undefined;
  const digits = /^initial apicid\s*:\s*(\d{1,9})$/m.exec(first)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
