import { refuse } from '../base/error.js';
import { listMembers, MAX_MEMBERS_OF_FILE, type MemberChoice } from './members.js';
import { type PeFile, type PeSection, parsePe } from './pe/parse.js';
import { replaceSection } from './pe/replace-section.js';
import { parseAssignments } from './shell-assignments.js';

/**
 * A unified kernel image: a PE file whose sections are a kernel, its initrd, its command line and more. UAPI Group
 * Specifications, "Unified Kernel Image"; systemd-stub(7). All bytes are shared with the file.
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
  /** The profile that was chosen; undefined if the file has none. */
  readonly profile?: UkiProfile;
  /** The number of profiles besides that. */
  readonly otherProfiles: number;
}

/** A profile: a way to start the kernel. */
export interface UkiProfile {
  /** Counted from 0, which is the default; systemd's stub takes it as `@1`. */
  readonly number: number;
  /** ID and title out of the section `.profile`. */
  readonly id?: string;
  readonly title?: string;
  /** The command line that it starts the kernel with, its own or the one for all profiles. */
  readonly commandLine?: string;
}

const USED = ['.linux', '.initrd', '.cmdline', '.dtb', '.osrel', '.uname', '.sbat'] as const;

type SectionName = (typeof USED)[number];

/** Begins the sections of a profile; sections before the first belong to all profiles. */
const PROFILE = '.profile';
const DTBAUTO = '.dtbauto';

/**
 * The most bytes of `.profile` that are read, and of a command line in the list of profiles: many profiles may share
 * one.
 */
const MAX_PROFILE_BYTES = 1024;
const MAX_LISTED_BYTES = 2048;

/** Sections that are found by name only: they may lie anywhere. */
const CONTENTS = [...USED, PROFILE, DTBAUTO, '.splash', '.ucode', '.pcrsig', '.pcrpkey', '.hwids', '.efifw'];

/** Whether a PE file is a UKI: it has a kernel in it. */
export function isUki({ sections }: PeFile): boolean {
  return sections.some(({ name }) => name === '.linux');
}

/**
 * Parses a UKI.
 *
 * @param choice - the number or the ID of a profile; profile 0, the default, if left out
 * @throws KexecError `ENOEXEC`, check `uki`: it has no kernel or no such profile, a section occurs twice, or a text is
 *   not UTF-8.
 */
export function parseUki(pe: PeFile, { name }: MemberChoice = {}): Uki {
  const { common, parts } = splitProfiles(pe.sections);
  const profiles = readProfiles(common, parts);
  const chosen = chooseProfile(profiles, name);
  const sections = parts[chosen?.number ?? 0]?.sections ?? [];
  const found = { ...single(common), ...single(sections) };
  const text = (section: SectionName): string | undefined =>
    found[section] === undefined ? undefined : decode(found[section], section);
  const linux = found['.linux'];
  if (linux === undefined) return refuse('uki', 'ENOEXEC', `UKI: there is no .linux section`);
  const commandLine = text('.cmdline');
  const texts = { osrel: text('.osrel'), uname: text('.uname'), sbat: text('.sbat') };
  const own = sections.filter((section) => section.name === DTBAUTO);
  return {
    linux,
    ...given({ initrd: found['.initrd'], dtb: found['.dtb'], ...texts }),
    ...(commandLine === undefined ? {} : { commandLine: tidyCommandLine(commandLine) }),
    dtbauto: (own.length > 0 ? own : common.filter((section) => section.name === DTBAUTO)).map(contentsOf),
    ...given({ profile: chosen }),
    otherProfiles: Math.max(profiles.length - 1, 0),
  };
}

/**
 * Lists the profiles of a UKI.
 *
 * @returns none if it has no section `.profile`
 * @throws KexecError `ENOEXEC`, check `uki`, if a text is not UTF-8, or there are more than 4096.
 */
export function listProfiles({ sections }: PeFile): readonly UkiProfile[] {
  const { common, parts } = splitProfiles(sections);
  return readProfiles(common, parts);
}

function readProfiles(common: readonly PeSection[], parts: readonly ProfileSections[]): UkiProfile[] {
  if (parts.length > MAX_MEMBERS_OF_FILE)
    refuse(
      'uki',
      'ENOEXEC',
      `UKI: it has ${parts.length} profiles, and ${MAX_MEMBERS_OF_FILE} are supported`,
    );
  const shared = readListedCommandLine(common);
  return parts.map(({ header, sections }, number) => {
    const fields = parseAssignments(decodeStart(header, MAX_PROFILE_BYTES));
    const commandLine = readListedCommandLine(sections) ?? shared;
    return { number, ...given({ id: fields.get('ID'), title: fields.get('TITLE'), commandLine }) };
  });
}

/** Reads the command line of a profile for the list; the whole one is read where it is used. */
function readListedCommandLine(sections: readonly PeSection[]): string | undefined {
  const section = sections.find(({ name }) => name === '.cmdline');
  return section === undefined ? undefined : tidyCommandLine(decodeStart(section, MAX_LISTED_BYTES));
}

/** Decodes a section up to a number of bytes; a text that is cut ends in "…". */
function decodeStart(section: PeSection, limit: number): string {
  const bytes = contentsOf(section);
  const nul = bytes.indexOf(0);
  const length = nul < 0 ? bytes.length : nul;
  if (length <= limit) return decode(bytes, section.name);
  // The cut may be within a character of several bytes.
  return `${new TextDecoder().decode(bytes.subarray(0, limit))}…`;
}

/** @returns undefined if there are none, and none was asked for */
function chooseProfile(profiles: readonly UkiProfile[], name: string | undefined): UkiProfile | undefined {
  if (name === undefined || (name === '0' && profiles.length === 0)) return profiles[0];
  const byId = profiles.filter(({ id }) => id === name);
  const found = byId.length > 0 ? byId : profiles.filter(({ number }) => String(number) === name);
  const [profile] = found;
  if (profile !== undefined && found.length === 1) return profile;
  const listed = listMembers(
    profiles.map(({ number, id, title }) => ({ name: String(number), title: id ?? title })),
  );
  const seen = found.length > 1 ? `${found.length} profiles are ${name}` : `there is no profile ${name}`;
  return refuse('uki', 'ENOEXEC', `UKI: ${seen}; it has ${listed || 'no profiles'}`, {
    cure:
      profiles.length === 0
        ? 'leave #… out'
        : 'name one by its number or ID: FILE#1 (@1 is the form of systemd-stub); kexec-file inspect lists them',
  });
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

/** The sections of a profile, and its own section `.profile`. */
interface ProfileSections {
  readonly header: PeSection;
  readonly sections: readonly PeSection[];
}

/** The sections before the first profile, which are for all, and those of each. */
function splitProfiles(sections: readonly PeSection[]): {
  readonly common: readonly PeSection[];
  readonly parts: readonly ProfileSections[];
} {
  const common: PeSection[] = [];
  const parts: { header: PeSection; sections: PeSection[] }[] = [];
  for (const section of sections) {
    if (section.name === PROFILE) parts.push({ header: section, sections: [] });
    else (parts.at(-1)?.sections ?? common).push(section);
  }
  return { common, parts };
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
