import type { ByteSource } from '../base/byte-source.js';
import { KexecError } from '../base/error.js';
import { formatRange } from '../base/range.js';
import { hex } from '../base/u64.js';
import type { ProgramHeader } from '../formats/elf/program-headers.js';
import type { Codecs } from '../formats/kdump/page.js';
import { walkPageTables } from '../vmcore/address/page-tables.js';
import { openVmcore, type Vmcore } from '../vmcore/open/open-vmcore.js';
import { readCpuStates } from '../vmcore/summary/cpu-states.js';
import { error, type Finding, type Loads, physicalText, warning } from './lint-finding.js';

/** An ELF file has no compressed pages. */
const NO_CODECS: Codecs = { zlib: unreachable, zstd: unreachable };

/** PT_LOADs whose first page is looked up in the page tables. */
const LOOKED_UP = 64;

/** What holds for a header with its memory behind it: what it says is in the file, and true. */
export function lintVmcore(source: ByteSource, loads: Loads): Finding[] {
  const vmcore = openVmcore(source, NO_CODECS);
  const findings = vmcore.problems.map(error);
  if (vmcore.vmcoreinfo.lines.OSRELEASE === undefined)
    findings.push(error('there is no VMCOREINFO: makedumpfile, crash and dmesg need it'));
  const cpus = readCpuStates(vmcore.notes, (what) => findings.push(warning(what)));
  if (cpus.length === 0) findings.push(warning('no CPU left its registers: there is no backtrace'));
  return [...findings, ...lintPlaces(loads), ...lintMappings(vmcore, loads)];
}

/** No two PT_LOADs share bytes of the file. */
function lintPlaces({ text, ram }: Loads): Finding[] {
  const places = [...(text === undefined ? [] : [text]), ...ram]
    .filter(({ fileSize }) => fileSize > 0n)
    .map(({ offset, fileSize }) => ({ start: offset, end: offset + fileSize }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  return places.flatMap((place, index) => {
    const next = places[index + 1];
    if (next === undefined || next.start >= place.end) return [];
    return [
      error(`two PT_LOADs share the file's bytes ${formatRange({ start: next.start, end: place.end })}`),
    ];
  });
}

/** The kernel's own page tables have to agree with the headers; what they leave out says nothing. */
function lintMappings(vmcore: Vmcore, { text, ram }: Loads): Finding[] {
  const { addressSpace, vmcoreinfo, virtual, memory } = vmcore;
  const root = virtual.tableRoot;
  if (addressSpace === undefined || root === undefined)
    return [warning('VMCOREINFO does not tell where the page tables are: addresses were not compared')];
  if (vmcoreinfo.kernelOffset === undefined)
    return [warning('VMCOREINFO has no KERNELOFFSET: debuggers do not know where KASLR put the kernel')];
  try {
    const wrong = (load: ProgramHeader): Finding[] => {
      const found = walkPageTables(memory, addressSpace, root, load.virtualAddress)?.physical;
      if (found === undefined || found === load.physicalAddress) return [];
      return [
        error(
          `${physicalText(load)} is said to be mapped at ${hex(load.virtualAddress)}, where the page tables have ${hex(found)}`,
        ),
      ];
    };
    return [...(text === undefined ? [] : [text]), ...ram.slice(0, LOOKED_UP)].flatMap(wrong);
  } catch (cause) {
    if (!(cause instanceof KexecError)) throw cause;
    return [error(`the page tables cannot be read: ${cause.seen}`)];
  }
}

function unreachable(): never {
  throw new Error('an ELF file has no compressed pages');
}
