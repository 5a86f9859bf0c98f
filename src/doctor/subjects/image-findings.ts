import { CHECKS, type Check } from '../../base/checks.js';
import { formatRange } from '../../base/range.js';
import { formatParameterSize } from '../../base/sizes.js';
import type { Verdict } from '../../base/trail.js';
import { GIB } from '../../base/u64.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding, Severity } from '../finding.js';
import type { IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

/** What the header says that a machine may not have; the trail tells whether this one has. */
const HEADER_CHECKS: readonly Check[] = ['image-endianness', 'image-granule'];

const SEVERITIES: Readonly<Record<Exclude<Verdict, 'refused'>, Severity>> = { ok: 'fine', note: 'unknown' };

/** Whether the CPUs can run the kernel, and whether it can map the RAM. A refusal is the load's finding. */
export function diagnoseImage(machine: Machine, subject: IntendedLoad, next: NextKernel): Finding[] {
  const { kernel } = subject;
  return [
    ...diagnoseLayers(subject, next),
    ...diagnoseTrail(next),
    ...(kernel === undefined ? [] : diagnosePlace(kernel, machine, next)),
    ...diagnoseVaBits(machine, next),
  ];
}

/** What the Image comes in, which is user space's business. */
function diagnoseLayers({ layers = [] }: IntendedLoad, { about }: NextKernel): Finding[] {
  if (layers.length === 0) return [];
  return [
    {
      topic: 'image',
      severity: 'fine',
      about,
      fact: `the Image is taken out of what it comes in: ${layers.map(({ name }) => name).join(', in it: ')}`,
      why: 'the kernel is given an Image alone; by kexec_file_load(2), it verifies the signature of that and of nothing around it',
      source: 'arm64 loads Images alone: kexec_image_ops',
    },
  ];
}

function diagnoseTrail({ load, about }: NextKernel): Finding[] {
  return (load?.trail ?? []).flatMap(({ check, verdict, detail }) => {
    if (verdict === 'refused' || !HEADER_CHECKS.includes(check)) return [];
    const { rule, source } = CHECKS[check];
    const cure = verdict === 'note' ? 'record the machine with /proc/cpuinfo, or look the CPU up' : undefined;
    return [
      {
        topic: 'image',
        severity: SEVERITIES[verdict],
        about,
        fact: detail,
        why: rule,
        ...(cure === undefined ? {} : { cure }),
        source,
      } as const,
    ];
  });
}

/** Kernels before 4.6 map RAM from where they lie: what is below is lost to them. */
function diagnosePlace(kernel: Uint8Array, machine: Machine, { load, about }: NextKernel): Finding[] {
  if (load === undefined || 'refusal' in load || parseImageHeader(kernel).placeAnywhere) return [];
  const placed = load.kimage.segments.find(({ name }) => name === 'kernel');
  const lowest = machine.memory[0];
  if (placed === undefined || lowest === undefined || placed.mem < lowest.start + GIB) return [];
  return [
    {
      topic: 'image',
      severity: 'warns',
      about,
      fact: `the Image asks to lie near the start of RAM, and would lie in ${formatRange({ start: placed.mem, end: placed.mem + placed.memsz })}`,
      why: 'it cannot use RAM below itself, and may not find what lies there',
      cure: 'take a kernel from 4.6 on (bit 3 of its flags is set)',
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
      why: 'it leaves out what lies beyond; a kernel, initrd or device tree that was placed there is lost',
      cure: 'take a kernel with more bits (CONFIG_ARM64_VA_BITS_48)',
    },
  ];
}
