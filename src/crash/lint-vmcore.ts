import type { ByteSource } from '../base/byte-source.js';
import { attempt, KexecError } from '../base/error.js';
import { formatRange } from '../base/range.js';
import { hex } from '../base/u64.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Mapping } from '../vmcore/address/address-space.js';
import { openVmcore, type Vmcore } from '../vmcore/open/open-vmcore.js';
import { readCpuStates } from '../vmcore/summary/cpu-states.js';
import {
  asError,
  asWarning,
  type Finding,
  formatPhysicalRange,
  type Loads,
  listLoads,
} from './lint-finding.js';

/** How many PT_LOADs of RAM are compared with the page tables, by their first page. */
const MAX_COMPARED_LOADS = 64;

/** Checks a header whose memory follows in the file: its contents against the file and the kernel's page tables. */
export function lintVmcore(source: ByteSource, loads: Loads): Finding[] {
  const vmcore = openVmcore(source);
  const findings = vmcore.problems.map(asError);
  if (vmcore.vmcoreinfo.lines.OSRELEASE === undefined)
    findings.push(asError('there is no VMCOREINFO: makedumpfile, crash and dmesg need it'));
  const cpus = readCpuStates(vmcore.notes, vmcore.architecture.registers, (problem) =>
    findings.push(asWarning(problem)),
  );
  if (cpus.length === 0) findings.push(asWarning('no CPU left its registers: there is no backtrace'));
  return [...findings, ...lintOffsets(loads), ...lintMappings(vmcore, loads)];
}

/** No two PT_LOADs may share bytes of the file. */
function lintOffsets(loads: Loads): Finding[] {
  const parts = listLoads(loads)
    .filter(({ fileSize }) => fileSize > 0n)
    .map(({ offset, fileSize }) => ({ start: offset, end: offset + fileSize }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  return parts.flatMap((part, index) => {
    const next = parts[index + 1];
    if (next === undefined || next.start >= part.end) return [];
    return [
      asError(`two PT_LOADs share the file's bytes ${formatRange({ start: next.start, end: part.end })}`),
    ];
  });
}

/** The kernel's page tables must agree with the headers. Addresses that they do not map prove nothing. */
function lintMappings(vmcore: Vmcore, { text, ram }: Loads): Finding[] {
  const { addressSpace, vmcoreinfo, virtual, memory } = vmcore;
  const { tableRoot } = virtual;
  if (addressSpace === undefined || tableRoot === undefined)
    return [asWarning('VMCOREINFO lacks the address of the page tables: addresses were not compared')];
  if (vmcoreinfo.kernelOffset === undefined)
    return [asWarning('VMCOREINFO has no KERNELOFFSET: debuggers cannot find the kernel that KASLR moved')];
  const walk = ({ virtualAddress }: ProgramHeader): Mapping | undefined =>
    addressSpace.walk(memory, tableRoot, virtualAddress);
  const findings = attempt(() =>
    listLoads({ text, ram: ram.slice(0, MAX_COMPARED_LOADS) }).flatMap((load) => {
      const mapping = walk(load);
      if (mapping === undefined || mapping.physical === load.physicalAddress) return [];
      const { virtualAddress } = load;
      return [
        asError(
          `${formatPhysicalRange(load)} is said to be mapped at ${hex(virtualAddress)}, which the page tables map to ${hex(mapping.physical)}`,
        ),
      ];
    }),
  );
  return findings instanceof KexecError
    ? [asError(`the page tables cannot be read: ${findings.seen}`)]
    : findings;
}
