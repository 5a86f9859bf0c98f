import { refuse } from '../base/error.js';
import { type PeFile, type PeSection, parsePe } from './pe/parse.js';
import { replaceSection } from './pe/replace-section.js';

/**
 * A unified kernel image: a PE file whose sections are a kernel, its initrd, its command line and more. UAPI Group Specifications,
 * "Unified Kernel Image"; systemd-stub(7). All bytes are shared with the file.
 */
export interface Uki {
  readonly linux: Uint8Array;
  readonly initrd?: Uint8Array;
  /** The embedded command line, as systemd's stub hands it over: control characters become spaces, none at the end. */
  readonly commandLine?: string;
  /** A device tree for any machine. */
  readonly dtb?: Uint8Array;
  /** Device trees, of which the stub uses the one whose `compatible` is the machine's. */
  readonly dtbauto: readonly Uint8Array[];
  /** os-release(5). */
  readonly osrel?: string;
  /** The kernel's release, as `uname -r` prints it. */
  readonly uname?: string;
  readonly sbat?: string;
  /** The number of profiles besides the default, which is the first. */
  readonly otherProfiles: number;
}

const USED = ['.linux', '.initrd', '.cmdline', '.dtb', '.osrel', '.uname', '.sbat'] as const;

type SectionName = (typeof USED)[number];

/** Begins the sections of a profile; sections before the first belong to all profiles. */
const PROFILE = '.profile';
const DTBAUTO = '.dtbauto';

/** Sections that are found by name only: they may lie anywhere. */
const CONTENTS = [...USED, PROFILE, DTBAUTO, '.splash', '.ucode', '.pcrsig', '.pcrpkey', '.hwids', '.efifw'];

/** Whether a PE file is a UKI: it has a kernel in it. */
export function isUki({ sections }: PeFile): boolean {
  return sections.some(({ name }) => name === '.linux');
}

/**
 * Parses a UKI: its first profile, if it has profiles.
 *
 * @throws KexecError `ENOEXEC`, check `uki`: it has no kernel, a section occurs twice, or a text is not UTF-8.
 */
export function parseUki({ sections }: PeFile): Uki {
  const [common = [], profile = [], ...others] = splitProfiles(sections);
  const found = { ...single(common), ...single(profile) };
  const text = (name: SectionName): string | undefined =>
    found[name] === undefined ? undefined : decode(found[name], name);
  const linux = found['.linux'];
  if (linux === undefined) return refuse('uki', 'ENOEXEC', `UKI: there is no .linux section`);
  const commandLine = text('.cmdline');
  const texts = { osrel: text('.osrel'), uname: text('.uname'), sbat: text('.sbat') };
  const own = profile.filter(({ name }) => name === DTBAUTO);
  return {
    linux,
    ...given({ initrd: found['.initrd'], dtb: found['.dtb'], ...texts }),
    ...(commandLine === undefined ? {} : { commandLine: tidyCommandLine(commandLine) }),
    dtbauto: (own.length > 0 ? own : common.filter(({ name }) => name === DTBAUTO)).map(contentsOf),
    otherProfiles: others.length,
  };
}

/**
 * Replaces the kernel of a UKI.
 *
 * @param file - without a certificate table
 * @throws KexecError `ENOEXEC`, check `uki`: it has several kernels, in profiles; as `replaceSection()`.
 */
export function replaceLinux(file: Uint8Array, linux: Uint8Array): Uint8Array {
  const pe = parsePe(file);
  const [section, second] = pe.sections.filter(({ name }) => name === '.linux');
  if (section === undefined) return refuse('uki', 'ENOEXEC', `UKI: there is no .linux section`);
  if (second !== undefined)
    return refuse('uki', 'ENOEXEC', `UKI: there are two .linux sections`, { offset: second.raw.start });
  return replaceSection(file, pe, section, linux, CONTENTS);
}

/** The sections before the first profile, then those of each. */
function splitProfiles(sections: readonly PeSection[]): PeSection[][] {
  const parts: PeSection[][] = [[]];
  for (const section of sections) {
    if (section.name === PROFILE) parts.push([]);
    else parts.at(-1)?.push(section);
  }
  return parts;
}

/** Contents by name. A name that is used may occur once. */
function single(sections: readonly PeSection[]): Partial<Record<SectionName, Uint8Array>> {
  const contents: Partial<Record<SectionName, Uint8Array>> = {};
  for (const section of sections) {
    const { name } = section;
    if (!isUsed(name)) continue;
    if (contents[name] !== undefined)
      refuse('uki', 'ENOEXEC', `UKI: there are two ${name} sections`, { offset: section.raw.start });
    contents[name] = contentsOf(section);
  }
  return contents;
}

function isUsed(name: string): name is SectionName {
  return USED.some((used) => used === name);
}

/** A section's bytes without the padding to the file's alignment. A VirtualSize of 0 means all bytes. */
function contentsOf({ bytes, virtualSize }: PeSection): Uint8Array {
  return virtualSize > 0 && virtualSize < bytes.length ? bytes.subarray(0, virtualSize) : bytes;
}

function decode(bytes: Uint8Array, name: string): string {
  const nul = bytes.indexOf(0);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(nul < 0 ? bytes : bytes.subarray(0, nul));
  } catch (cause) {
    return refuse('uki', 'ENOEXEC', `UKI: ${name} is not UTF-8`, { cause });
  }
}

/** As systemd's stub does: mangle_stub_cmdline(). */
function tidyCommandLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it replaces control characters
  return text.replace(/[\x00-\x1f]/g, ' ').trim();
}

/** Without the entries that are undefined. */
function given<T extends object>(entries: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
