import { CHECKS, type Check } from '../../base/checks.js';
import { formatRange } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import type { Verdict } from '../../base/trail.js';
import { GIB } from '../../base/u64.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import { hasMagic } from '../../formats/magics.js';
import { findArchitecture } from '../../kexec/architectures.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Severity } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** The checks of the Image's header against the CPUs. */
const HEADER_CHECKS: readonly Check[] = ['image-endianness', 'image-granule'];

const SEVERITIES: Readonly<Record<Exclude<Verdict, 'refused'>, Severity>> = { ok: 'fine', note: 'unknown' };

/** Finds whether the CPUs can run the kernel, and whether it can map all RAM. Refusals are findings of the load. */
export function diagnoseImage(
  machine: Machine,
  { kernel, layers }: IntendedLoad,
  next: NextKernel,
): Finding[] {
  return [
    ...diagnoseLayers(layers, machine, next),
    ...diagnoseHeader(next),
    // A bzImage has no such header.
    ...(kernel === undefined || !hasMagic(kernel, 'image') ? [] : diagnosePlace(kernel, machine, next)),
    ...diagnoseVaBits(machine, next),
  ];
}

function diagnoseLayers(
  layers: IntendedLoad['layers'] = [],
  machine: Machine,
  { about }: NextKernel,
): Finding[] {
  if (layers.length === 0) return [];
  const { name: architecture, loaders } = findArchitecture(machine);
  const kinds = loaders.map(({ name }) => name).join(', ');
  return [
    {
      topic: 'image',
      severity: 'fine',
      about,
      fact: `kexec-file extracts the ${kinds} from the file: ${layers.map(({ name }) => name).join(', containing ')}`,
      why: `the kernel gets only the ${kinds}; kexec_file_load(2) verifies only the signature of the ${kinds}`,
      source: `the types of kernel file that ${architecture} loads: kexec_file_loaders`,
    },
  ];
}

/** The trail says whether the CPUs have what the header asks for. */
function diagnoseHeader({ load, about }: NextKernel): Finding[] {
  return (load?.trail ?? []).flatMap(({ check, verdict, detail }) => {
    if (verdict === 'refused' || !HEADER_CHECKS.includes(check)) return [];
    const { rule, source } = CHECKS[check];
    const cure = 'record the machine with /proc/cpuinfo; if kexec-file does not know the CPU, see its manual';
    return [
      {
        topic: 'image',
        severity: SEVERITIES[verdict],
        about,
        fact: detail,
        why: rule,
        ...(verdict === 'note' ? { cure } : {}),
        source,
      } as const,
    ];
  });
}

/** Kernels before 4.6 cannot use RAM below themselves. */
function diagnosePlace(kernel: Uint8Array, machine: Machine, { load, about }: NextKernel): Finding[] {
  if (load === undefined || 'refusal' in load || parseImageHeader(kernel).placeAnywhere) return [];
  const placed = load.kimage.segments.find(({ name }) => name === 'kernel');
  const lowest = machine.memory[0];
  if (placed === undefined || lowest === undefined || placed.mem < lowest.start + GIB) return [];
  const range = formatRange({ start: placed.mem, end: placed.mem + placed.memsz });
  return [
    {
      topic: 'image',
      severity: 'warns',
      about,
      fact: `the Image must lie near the start of RAM, but would be placed at ${range}`,
      why: 'it cannot use RAM below itself, and may not find its initrd or device tree there',
      cure: 'use Linux 4.6 or later (bit 3 of its flags is set)',
      source: 'flags, bit 3; Documentation/arch/arm64/booting.rst',
    },
  ];
}

/** Half of the virtual addresses map RAM, from its first byte to its last, holes included. */
function diagnoseVaBits({ memory }: Machine, { options, about, load }: NextKernel): Finding[] {
  const configured = options?.ARM64_VA_BITS;
  const [first, last] = [memory[0], memory.at(-1)];
  if (load === undefined || configured === undefined || first === undefined || last === undefined) return [];
  if (!/^\d{2}$/.test(configured)) return [];
  const bits = BigInt(configured);
  const mapped = 1n << (bits - 1n);
  const span = last.end - first.start;
  const finding = { topic: 'image', about, source: 'CONFIG_ARM64_VA_BITS; arm64_memblock_init()' } as const;
  const fact = `the next kernel has virtual addresses of ${bits} bits, which map ${formatParameterSize(mapped)} of RAM`;
  if (span <= mapped) {
    return [{ ...finding, severity: 'fine', fact, why: `RAM spans ${formatParameterSize(span)}` }];
  }
  return [
    {
      ...finding,
      severity: 'warns',
      fact: `${fact}; RAM spans ${formatParameterSize(span)}`,
      why: 'it ignores RAM beyond that; a kernel, initrd or device tree placed there is lost',
      cure: 'use a kernel with more bits (CONFIG_ARM64_VA_BITS_48)',
    },
  ];
}
