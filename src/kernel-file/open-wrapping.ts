import type { Check } from '../base/checks.js';
import { refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { parseAndroidBoot } from '../formats/android-boot.js';
import { type Compression, findCompression } from '../formats/compression/compression-names.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { extractVmlinuxImage } from '../formats/elf/vmlinux.js';
import { isX86Vmlinux } from '../formats/elf/x86-vmlinux.js';
import { parseFdt } from '../formats/fdt/parse.js';
import { type Fit, type FitEntry, isFit, parseFit } from '../formats/fit.js';
import { listMembers, type MemberChoice } from '../formats/members.js';
import { PE_MAGIC } from '../formats/pe/headers.js';
import { stripPadding } from '../formats/pe/padding.js';
import { parsePe } from '../formats/pe/parse.js';
import { parseUimage } from '../formats/uimage.js';
import { isUki, listProfiles, parseUki, type UkiProfile } from '../formats/uki.js';
import { parseZboot } from '../formats/zboot.js';
import type { Hashes } from '../trust/hashes.js';
import { type Budget, type Expanded, expand } from './expand.js';
import { verifyFitHashes } from './fit-hashes.js';
import { examineAppendix } from './image-appendix.js';
import { detectKernelFileKind, type KernelFileKind } from './kernel-file-kinds.js';

/** What opening a kernel file needs, besides the file. */
export interface Opening {
  readonly decompress: Decompress;
  /** For the hashes in a FIT. */
  readonly hashes: Hashes;
  /** The configuration of a FIT or the profile of a UKI that is wanted. */
  readonly member?: MemberChoice | undefined;
}

/** The contents of a wrapping. */
export interface Contents {
  /** The next wrapping, or the Image. */
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine?: string | undefined;
  readonly deviceTrees?: readonly Uint8Array[] | undefined;
  /** A description of what was found, and of the checksums that match. */
  readonly detail: string;
  /** Further remarks for the user. */
  readonly notes?: readonly string[];
  /** Whether the wrapping has members, of which one was chosen. */
  readonly hasMembers?: boolean;
}

/** The name of a wrapping with its article: "a UKI", "an xz file". */
export function withArticle(name: string): string {
  return `${/^(?:A|xz|lz)/.test(name) ? 'an' : 'a'} ${name}`;
}

/** A wrapping around a kernel. */
export interface Wrapping {
  readonly kind: KernelFileKind;
  /** For messages: "zboot image", "UKI". */
  readonly name: string;
  readonly check: Check;
  /** Whether it is a PE file, whose signature covers everything inside. */
  readonly isEnvelope: boolean;
  /** Extracts its contents. */
  readonly open: (opening: Opening, budget: Budget) => Promise<Contents>;
}

/**
 * Finds how to open a kernel file that contains another.
 *
 * @returns undefined for an Image, a bzImage, a vmlinux for x86_64, and for a file that contains no kernel
 * @throws KexecError as {@link parsePe} and {@link parseFdt}, which are needed to recognise a UKI and a FIT
 */
export function findWrapping(bytes: Uint8Array): Wrapping | undefined {
  const kind = detectKernelFileKind(bytes);
  switch (kind) {
    case undefined:
    case 'image':
    case 'bzimage':
      return undefined;
    case 'zboot':
      return wrapping(kind, 'zboot image', 'zboot', true, (opening, budget) =>
        openZboot(bytes, opening, budget),
      );
    case 'pe':
      return hasPeHeader(bytes) && isUki(parsePe(bytes))
        ? wrapping(kind, 'UKI', 'uki', true, async ({ member }) => openUki(bytes, member))
        : undefined;
    case 'vmlinux':
      // The Image is a copy of its PT_LOADs; a bzImage has code of its own around it.
      if (isX86Vmlinux(bytes)) return undefined;
      return wrapping(kind, 'vmlinux', 'vmlinux', false, async (_, budget) => openVmlinux(bytes, budget));
    case 'uimage':
      return wrapping(kind, 'uImage', 'uimage', false, (opening, budget) =>
        openUimage(bytes, opening, budget),
      );
    case 'android':
      return wrapping(kind, 'Android boot image', 'android-boot', false, async () => openAndroidBoot(bytes));
    case 'fdt':
      return isFit(parseFdt(bytes).root)
        ? wrapping(kind, 'FIT', 'fit', false, (opening, budget) => openFit(bytes, opening, budget))
        : undefined;
    default:
      return wrapping(kind, `${kind} file`, 'compressed-data', false, (opening, budget) =>
        openCompressed(bytes, kind, opening, budget),
      );
  }
}

function wrapping(
  kind: KernelFileKind,
  name: string,
  check: Check,
  isEnvelope: boolean,
  open: Wrapping['open'],
): Wrapping {
  return { kind, name, check, isEnvelope, open };
}

/** Programs for DOS begin with an MZ header too, and have no PE header. */
function hasPeHeader(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64) return false;
  const header = view.getUint32(60, true);
  return header + 4 <= bytes.length && view.getUint32(header, true) === PE_MAGIC;
}

async function openCompressed(
  bytes: Uint8Array,
  compression: Compression,
  { decompress }: Opening,
  budget: Budget,
): Promise<Contents> {
  const { contents, deviceTrees, notes } = await expand(bytes, compression, decompress, budget);
  return { kernel: contents, detail: `it contains ${formatBytes(contents.length)}`, deviceTrees, notes };
}

async function openZboot(bytes: Uint8Array, { decompress }: Opening, budget: Budget): Promise<Contents> {
  const { compression: name, payload, payloadOffset } = parseZboot(bytes);
  const compression = findCompression(name);
  if (compression === undefined) {
    refuse('zboot', 'ENOEXEC', `zboot: the compression is "${name}"`, { offset: 24 });
  }
  // The stub decompresses one member, and would start what it has.
  const { contents, notes } = await expand(payload, compression, decompress, budget, 'first');
  if (notes.length > 0) refuse('zboot', 'ENOEXEC', `zboot: ${notes.join('; ')}`, { offset: payloadOffset });
  return {
    kernel: stripPadding(contents),
    detail: `${formatBytes(payload.length)} at ${hex(payloadOffset)}, compressed by ${name}, contain ${formatBytes(contents.length)}`,
  };
}

function openUki(bytes: Uint8Array, member: MemberChoice | undefined): Contents {
  const pe = parsePe(bytes);
  const { linux, initrd, commandLine, dtb, dtbauto, uname, profile, otherProfiles } = parseUki(pe, member);
  const parts = [
    `.linux of ${formatBytes(linux.length)}`,
    ...(uname === undefined ? [] : [`release ${uname}`]),
    ...(initrd === undefined ? [] : [`.initrd of ${formatBytes(initrd.length)}`]),
    ...(commandLine === undefined ? [] : [`.cmdline "${commandLine}"`]),
    ...(profile === undefined ? [] : [`profile ${describeProfile(profile)} of ${otherProfiles + 1}`]),
  ];
  return {
    kernel: stripPadding(linux),
    initrd,
    commandLine,
    deviceTrees: dtb === undefined ? dtbauto : [dtb, ...dtbauto],
    detail: parts.join(', '),
    notes: profile === undefined || otherProfiles === 0 ? [] : [noteProfiles(profile, listProfiles(pe))],
    hasMembers: true,
  };
}

function describeProfile({ number, id }: UkiProfile): string {
  return id === undefined ? String(number) : `${number} (${id})`;
}

function noteProfiles(used: UkiProfile, profiles: readonly UkiProfile[]): string {
  const others = profiles.filter(({ number }) => number !== used.number);
  const listed = listMembers(
    others.map(({ number, id, title }) => ({ name: `#${number}`, title: id ?? title })),
  );
  return `profile ${describeProfile(used)} is used; FILE#NUMBER or FILE#ID takes another: ${listed}`;
}

function openVmlinux(bytes: Uint8Array, budget: Budget): Contents {
  const kernel = extractVmlinuxImage(bytes, budget.left);
  budget.left -= kernel.length;
  return { kernel, detail: `its PT_LOADs from the entry on have ${formatBytes(kernel.length)}` };
}

function openAndroidBoot(bytes: Uint8Array): Contents {
  const { version, kernel, ramdisk, commandLine, deviceTrees, needsVendorBoot } = parseAndroidBoot(bytes);
  return {
    kernel,
    initrd: ramdisk,
    commandLine: commandLine === '' ? undefined : commandLine,
    deviceTrees: deviceTrees === undefined ? [] : [deviceTrees],
    detail: `header version ${version}, a kernel of ${formatBytes(kernel.length)}`,
    notes: needsVendorBoot
      ? [
          "vendor_boot's ramdisk, which comes before this one, and its command line are in another image: give both",
        ]
      : [],
  };
}

async function openUimage(bytes: Uint8Array, opening: Opening, budget: Budget): Promise<Contents> {
  const { name, compression, data } = parseUimage(bytes);
  const { contents, deviceTrees, notes } = await unpack(data, compression, opening, budget);
  const appended = examineAppendix(bytes, data.byteOffset - bytes.byteOffset + data.length, 'the uImage');
  return {
    kernel: contents,
    detail: `"${name}": the CRCs of header and data match, compression ${compression}`,
    deviceTrees: deviceTrees.length > 0 ? deviceTrees : appended?.deviceTrees,
    notes: [...notes, ...(appended === undefined ? [] : [appended.note])],
  };
}

/** Why a configuration was chosen, for messages. */
const REASONS: Readonly<Record<Fit['reason'], string>> = {
  named: 'as given',
  default: 'the default',
  only: 'the only one',
  compatible: 'the one for this machine',
};

function noteConfigurations(used: string, entries: readonly FitEntry[]): string[] {
  const others = entries.filter(({ name }) => name !== used);
  if (others.length === 0) return [];
  const listed = listMembers(
    others.map(({ name, description }) => ({ name: `#${name}`, title: description })),
  );
  return [`configuration ${used} is used; FILE#NAME takes another: ${listed}`];
}

async function openFit(bytes: Uint8Array, opening: Opening, budget: Budget): Promise<Contents> {
  const { configuration, entries, reason } = parseFit(bytes, opening.member);
  const { name, kernel, ramdisk, fdt, overlays, isSigned } = configuration;
  const used = [kernel, ramdisk, fdt].filter((image) => image !== undefined);
  const verified = used.map((image) => verifyFitHashes(image, opening.hashes));
  const { contents, notes } = await unpack(kernel.data, kernel.compression, opening, budget);
  return {
    kernel: contents,
    initrd: ramdisk?.data,
    deviceTrees: fdt === undefined ? [] : [fdt.data],
    detail: `configuration ${name} of ${entries.length}, ${REASONS[reason]}; ${verified.join('; ')}`,
    hasMembers: true,
    notes: [
      ...notes,
      ...noteConfigurations(name, entries),
      ...(isSigned ? ["U-Boot's signature on it is not verified"] : []),
      ...(overlays.length === 0 ? [] : [`its overlays are ignored: ${overlays.join(', ')}`]),
    ],
  };
}

/** Decompresses data by the compression that a header of U-Boot names. */
async function unpack(
  data: Uint8Array,
  compression: string,
  { decompress }: Opening,
  budget: Budget,
): Promise<Expanded> {
  if (compression === 'none') return { contents: data, deviceTrees: [], notes: [] };
  const known = findCompression(compression);
  if (known !== undefined) return expand(data, known, decompress, budget);
  refuse('kernel-file', 'ENOEXEC', `the kernel is compressed by "${compression}"`);
}
