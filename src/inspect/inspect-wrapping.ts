import { refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { parseFit } from '../formats/fit.js';
import { parsePe } from '../formats/pe/parse.js';
import { parseUimage } from '../formats/uimage.js';
import { parseUki } from '../formats/uki.js';
import { parseZboot } from '../formats/zboot.js';
import type { Budget } from '../kernel-file/expand.js';
import { type Contents, type Opening, type Wrapping, withArticle } from '../kernel-file/open-wrapping.js';
import { MAX_LAYERS } from '../kernel-file/unwrap.js';
import type { Facts, Inspected } from './facts.js';
import { inspectInitrd } from './inspect-initrd.js';
import { inspectMembers } from './inspect-members.js';
import { inspectPe } from './inspect-pe.js';
import { isSigned, type KernelSummary, summarizeSigner } from './kernel-summary.js';

/** How to open nested files, how deeply nested this one is, and how many bytes may still be unpacked. */
export interface Within {
  readonly opening: Opening;
  readonly budget: Budget;
  readonly depth: number;
}

/**
 * Inspects a file that contains a kernel, and the kernel in it.
 *
 * @param inspect - inspects the inner file
 * @returns the facts of the file; those of the kernel are nested under `kernel`. A signature on the file counts more
 *   than one inside.
 * @throws KexecError `ENOEXEC`, check `kernel-file`, for more than {@link MAX_LAYERS} layers; else as the parsers
 */
export async function inspectWrapping(
  bytes: Uint8Array,
  wrapping: Wrapping,
  within: Within,
  inspect: (bytes: Uint8Array, within: Within) => Promise<Inspected>,
): Promise<Inspected> {
  requireDepth(wrapping.name, within);
  const { member } = within.opening;
  const members = inspectMembers(bytes, wrapping);
  if (members?.needsName !== undefined && member?.name === undefined)
    return {
      kind: wrapping.name,
      facts: { size: hex(bytes.length), ...members.facts, unopened: members.needsName },
    };
  const contents = await wrapping.open(within.opening, within.budget);
  const opening = contents.hasMembers === true ? { ...within.opening, member: undefined } : within.opening;
  const kernel = await inspect(contents.kernel, { ...within, opening, depth: within.depth + 1 });
  const facts = {
    size: hex(bytes.length),
    ...describeWrapping(bytes, wrapping, within.opening),
    ...members?.facts,
    ...(contents.notes?.length ? { notes: contents.notes } : {}),
    ...(wrapping.isEnvelope ? { pe: inspectPe(bytes) } : {}),
    ...describeCompanions(contents),
    ...(await inspectCompanion(contents, opening)),
    kernel: { kind: kernel.kind, size: hex(contents.kernel.length), ...kernel.facts },
  };
  return {
    kind: wrapping.name,
    facts,
    kernel: kernel.kernel && addSigner(kernel.kernel, bytes, wrapping, opening),
  };
}

/** Refuses a file that is nested too deeply. @throws KexecError `ENOEXEC`, check `kernel-file`. */
export function requireDepth(name: string, { depth }: Within): void {
  if (depth < MAX_LAYERS) return;
  refuse('kernel-file', 'ENOEXEC', `${withArticle(name)} is nested in ${MAX_LAYERS} other files`);
}

/** The signature of what is around a kernel counts before the kernel's own. */
function addSigner(
  kernel: KernelSummary,
  around: Uint8Array,
  { isEnvelope, name }: Wrapping,
  { hashes }: Opening,
): KernelSummary {
  const own = isEnvelope ? summarizeSigner(around, hashes) : {};
  if (isSigned(own)) {
    const { unsigned: _, signer: __, signerUnknown: ___, ...rest } = kernel;
    return { ...rest, ...own };
  }
  return isEnvelope && isSigned(kernel) ? { ...kernel, unsigned: name } : kernel;
}

/** The facts of the outer format; none for a compressed file and a vmlinux. */
function describeWrapping(bytes: Uint8Array, { check }: Wrapping, opening: Opening): Facts {
  switch (check) {
    case 'zboot':
      return describeZboot(bytes);
    case 'uki':
      return describeUki(bytes, opening);
    case 'uimage':
      return describeUimage(bytes);
    case 'fit':
      return describeFit(bytes, opening);
    default:
      return {};
  }
}

function describeZboot(bytes: Uint8Array): Facts {
  const { compression, payload, payloadOffset } = parseZboot(bytes);
  return { compression, payloadOffset: hex(payloadOffset), payloadSize: hex(payload.length) };
}

function describeUki(bytes: Uint8Array, { member }: Opening): Facts {
  const { uname, osrel, sbat } = parseUki(parsePe(bytes), member);
  return {
    ...(uname === undefined ? {} : { uname: uname.trim() }),
    ...(osrel === undefined ? {} : { osrel: splitLines(osrel) }),
    ...(sbat === undefined ? {} : { sbat: splitLines(sbat) }),
  };
}

/** The parser has checked the CRCs. */
function describeUimage(bytes: Uint8Array): Facts {
  const { name, compression, load, entry } = parseUimage(bytes);
  return { name, compression, load: hex(load), entry: hex(entry), crcs: 'hold' };
}

function describeFit(bytes: Uint8Array, { member }: Opening): Facts {
  const { configuration } = parseFit(bytes, member);
  const { name, kernel, ramdisk, fdt, overlays } = configuration;
  const used = [kernel, ramdisk, fdt].filter((image) => image !== undefined);
  return {
    configuration: name,
    uses: [...used.map((image) => image.name), ...overlays],
    hashes: used.flatMap((image) => image.hashes.map(({ algorithm }) => `${image.name} ${algorithm}`)),
  };
}

/** What the file brings for the kernel: command line, initrd, device trees. */
function describeCompanions({ initrd, commandLine, deviceTrees = [] }: Contents): Facts {
  return {
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(initrd === undefined ? {} : { initrd: formatBytes(initrd.length) }),
    ...(deviceTrees.length === 0
      ? {}
      : { deviceTrees: deviceTrees.map(({ length }) => formatBytes(length)) }),
  };
}

/** The initrd that the file brings, archive by archive. */
async function inspectCompanion({ initrd }: Contents, { decompress }: Opening): Promise<Facts> {
  return initrd === undefined ? {} : { initrdContents: await inspectInitrd(initrd, decompress) };
}

function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
