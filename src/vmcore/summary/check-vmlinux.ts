import { type ByteSource, type ReadLimit, readRange } from '../../base/byte-source.js';
import { BoundedBytes, toHex } from '../../base/bytes.js';
import { refuse } from '../../base/error.js';
import { minimum } from '../../base/u64.js';
import { ELF_HEADER_SIZE, ET_DYN, ET_EXEC, SECTION_HEADER_SIZE } from '../../formats/elf/format.js';
import { checkElfHeader } from '../../formats/elf/header.js';
import { describeElfType } from '../../formats/elf/header-names.js';
import { walkNotes } from '../../formats/elf/notes.js';
import { hasMagic } from '../../formats/magics.js';
import type { Vmcore } from '../open/open-vmcore.js';

/** `sh_type` of a section with notes. */
const SHT_NOTE = 7;
/** `n_type` of the note "GNU" that has the build id. */
const NT_GNU_BUILD_ID = 3;

/** The limit of each read: the headers of 65536 sections, and notes, of which a kernel has some hundred bytes. */
const LIMIT: ReadLimit = { what: 'vmlinux', check: 'dump-symbols', errno: 'EINVAL', limit: 1 << 22 };

/** How much notes of all sections may have, in bytes. */
const MAX_NOTES_BYTES = 1 << 20;

/**
 * Checks that a vmlinux has the symbols of the kernel that crashed: by the build id, which the linker computes from the
 * kernel's contents and the kernel writes to VMCOREINFO since Linux 5.9.
 *
 * @param vmlinux - an ELF executable, or the file of its debug information
 * @param name - of the vmlinux, for the error
 * @returns whether that is certain; false if VMCOREINFO or the vmlinux has no build id
 * @throws KexecError `EINVAL`, check `dump-symbols`, if it is another kernel, or no vmlinux of its architecture.
 */
export function checkVmlinux(
  vmlinux: ByteSource,
  name: string,
  { vmcoreinfo: { lines }, architecture }: Pick<Vmcore, 'vmcoreinfo' | 'architecture'>,
): boolean {
  const crashed = lines['BUILD-ID']?.toLowerCase();
  const cure = describeWanted(lines.OSRELEASE, crashed);
  const header = readHeader(vmlinux, name, architecture.elfMachine, cure);
  const own = findBuildId(vmlinux, header);
  if (own === undefined || crashed === undefined) return false;
  if (own === crashed) return true;
  refuse(
    'dump-symbols',
    'EINVAL',
    `${name} has the build id ${own}; the kernel that crashed has ${crashed}`,
    {
      cure,
    },
  );
}

/** What to give: the file where Debian, Fedora and others put the symbols of this build. */
function describeWanted(release: string | undefined, buildId: string | undefined): string {
  const path =
    buildId === undefined
      ? ''
      : `, or /usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  const kernel = release ?? 'the kernel that crashed';
  return `give the vmlinux of ${kernel} with its symbols, of the very build: from the package linux-image-${release ?? 'RELEASE'}-dbg of Debian, kernel-debuginfo of Fedora${path}`;
}

function readHeader(source: ByteSource, name: string, machine: number, cure: string): BoundedBytes {
  const bytes = source.read(0n, Number(minimum(source.size, BigInt(ELF_HEADER_SIZE))));
  if (!hasMagic(bytes, 'elf')) refuse('dump-symbols', 'EINVAL', `${name} is not an ELF file`, { cure });
  const header = new BoundedBytes(bytes, LIMIT);
  const type = header.u16le(16);
  if (type !== ET_EXEC && type !== ET_DYN)
    refuse('dump-symbols', 'EINVAL', `${name} is an ELF ${describeElfType(type)}, not a vmlinux`, { cure });
  checkElfHeader(header, type, machine);
  return header;
}

/** Finds the build id of an executable, in hexadecimal digits. */
function findBuildId(source: ByteSource, header: BoundedBytes): string | undefined {
  const count = header.u16le(60);
  const table = readRange(
    source,
    header.u64le(40),
    BigInt(count * SECTION_HEADER_SIZE),
    'the section header table',
    LIMIT,
  );
  const sections = new BoundedBytes(table, LIMIT);
  let left = MAX_NOTES_BYTES;
  for (let at = 0; at < sections.length; at += SECTION_HEADER_SIZE) {
    if (sections.u32le(at + 4) !== SHT_NOTE) continue;
    const notes = readRange(source, sections.u64le(at + 24), sections.u64le(at + 32), 'a section of notes', {
      ...LIMIT,
      limit: left,
    });
    left -= notes.length;
    for (const { name, type, descriptor } of walkNotes(notes))
      if (name === 'GNU' && type === NT_GNU_BUILD_ID) return toHex(descriptor);
  }
  return undefined;
}
