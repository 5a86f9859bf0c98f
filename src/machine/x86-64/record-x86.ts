import { attempt, KexecError, refuse } from '../../base/error.js';
import { parseIomem } from '../../formats/iomem.js';
import type { Collected } from '../collected.js';
import { readCommonFacts } from '../collected-facts.js';
import { type KernelMap, readCrashFacts } from '../crash-facts.js';
import type { UnknownFact } from '../machine-facts.js';
import { readMemoryMap } from '../memory-map.js';
import { readCmaFacts } from '../read-cma-facts.js';
import { readX86Facts } from './read-x86-facts.js';
import { findKernelMap } from './x86-kernel-map.js';
import type { X86Machine } from './x86-machine.js';

/** Facts that these machines do not have: the collectors note them as unknown, because other machines have them. */
const OTHERS_FACTS: readonly string[] = [
  'fdt',
  'device-tree',
  'memblock-memory',
  'memblock-reserved',
  'kallsyms',
];

/** Facts that each of these machines has, and what a kernel without the file lacks. */
const OWN_FACTS: readonly { readonly fact: keyof Collected; readonly absent: string }[] = [
  { fact: 'memmap', absent: 'not collected: /sys/firmware/memmap, which needs CONFIG_FIRMWARE_MEMMAP' },
  { fact: 'boot-params', absent: 'not collected: /sys/kernel/boot_params/data' },
  {
    fact: 'kcore-headers',
    absent: 'not collected: the headers of /proc/kcore, which needs CONFIG_PROC_KCORE',
  },
];

/**
 * Builds an x86_64 machine from collected files. Its memory is that of `/proc/iomem`, in which its kernel searches.
 *
 * @throws KexecError `EINVAL`, check `machine-facts`, if any RAM is missing; `EINVAL` for a malformed file.
 */
export function recordX86Machine(
  name: string,
  known: Collected,
  unknown: readonly UnknownFact[],
): X86Machine {
  const resources = known.iomem === undefined ? undefined : parseIomem(known.iomem);
  const map = readMemoryMap({ cmdline: known.cmdline }, resources, []);
  if (resources === undefined || map === undefined || map.memory.length === 0) {
    const reason = unknown.find(({ fact }) => fact === 'iomem')?.reason;
    const seen = `no RAM in iomem; collect /proc/iomem as root${reason === undefined ? '' : ` (${reason})`}`;
    refuse('machine-facts', 'EINVAL', seen);
  }
  const { x86, broken } = readX86Facts(known, resources);
  const kernelMap = readKernelMap(known);
  const isBroken = kernelMap instanceof KexecError;
  const missing = OWN_FACTS.filter(
    ({ fact }) => known[fact] === undefined && !unknown.some((other) => other.fact === fact),
  ).map(({ fact, absent }) => ({ fact, reason: absent }));
  const allUnknown = [
    ...unknown.filter(({ fact }) => !OTHERS_FACTS.includes(fact)),
    ...missing,
    ...broken,
    { fact: 'purgatory', reason: describeMissingPurgatory(known.release) },
    ...(isBroken ? [{ fact: 'kcore-headers', reason: kernelMap.seen }] : []),
  ];
  const facts = readCommonFacts(dropArmTables(known), resources, allUnknown, true);
  const crash = isBroken ? undefined : readCrashFacts(known, kernelMap);
  const cma = readCmaFacts(known);
  return {
    architecture: 'x86_64',
    name,
    ...map,
    pageSize: 4096,
    ...facts,
    ...(crash === undefined ? {} : { crash }),
    ...(cma === undefined ? {} : { cma }),
    x86,
  };
}

/** What every architecture reads of these tables is Arm's. */
function dropArmTables(known: Collected): Collected {
  const { 'acpi-FACP': _fadt, 'acpi-APIC': _madt, 'acpi-GTDT': _gtdt, ...others } = known;
  return others;
}

/** No collector takes it: it is in a file of a dozen MiB, which others than the machine have, too. */
function describeMissingPurgatory(release: string | undefined): string {
  // A release out of a file goes into a command only if a shell reads it as one word.
  const isWord = /^[\w.+~-]+$/.test(release?.trim() ?? '');
  const file = `/boot/vmlinuz-${isWord ? release?.trim() : '$(uname -r)'}`;
  return `it is in the running kernel's file: record the machine with --kernel-image ${file}`;
}

function readKernelMap({ 'kcore-headers': headers }: Collected): KernelMap | KexecError {
  return headers === undefined ? {} : attempt(() => findKernelMap(headers));
}
