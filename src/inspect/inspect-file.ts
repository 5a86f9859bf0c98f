import { decodeLatin1 } from '../base/bytes.js';
import { attemptAsync, KexecError, refuse } from '../base/error.js';
import { portableDecompress } from '../formats/compression/decompress.js';
import { ET_CORE } from '../formats/elf/format.js';
import { describeFile, nameFile } from '../formats/foreign/name-file.js';
import { hasMagic } from '../formats/magics.js';
import { Budget } from '../kernel-file/expand.js';
import { detectKernelFileKind, type KernelFileKind } from '../kernel-file/kernel-file-kinds.js';
import { findWrapping, type Opening } from '../kernel-file/open-wrapping.js';
import { refuseMember } from '../kernel-file/unwrap.js';
import { portableHashes } from '../trust/portable-hashes.js';
import type { Facts, Inspected } from './facts.js';
import { inspectCore } from './inspect-core.js';
import { inspectCpio } from './inspect-cpio.js';
import { inspectDeviceTree } from './inspect-device-tree.js';
import { inspectImage } from './inspect-image.js';
import { inspectInitrd, isCompressedCpio } from './inspect-initrd.js';
import { inspectPe } from './inspect-pe.js';
import { inspectWrapping, type Within } from './inspect-wrapping.js';
import { summarizeKernel } from './kernel-summary.js';

/** A kind of file that contains no other file to inspect. */
interface FileKind {
  readonly kind: string;
  /** Whether a file is of this kind, by its magic alone: a file that is cut short keeps its kind. */
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly inspect: (bytes: Uint8Array) => Facts | Promise<Facts>;
}

const CPIO = 'cpio archive';
const IMAGE = 'arm64 Image';

/** Every kind but the files that contain a kernel (kernel-file). The first that matches counts. */
const FILE_KINDS: readonly FileKind[] = [
  { kind: IMAGE, matches: isKernelFile('image'), inspect: inspectImage },
  { kind: 'PE file', matches: isKernelFile('pe'), inspect: inspectOtherPe },
  { kind: 'device tree', matches: isKernelFile('fdt'), inspect: inspectDeviceTree },
  { kind: 'ELF core', matches: isElfCore, inspect: inspectCore },
  { kind: CPIO, matches: isCpio, inspect: inspectCpio },
  { kind: 'machine file', matches: isMachineFile, inspect: inspectMachineFile },
];

const PORTABLE_OPENING: Opening = { decompress: portableDecompress, hashes: portableHashes };

/**
 * Inspects a file of any known kind. A file that contains a kernel is opened, and the kernel is inspected too.
 *
 * @param opening - decompressors and digests, and the configuration or profile that is wanted
 * @returns the kind of the file, and the facts in it
 * @throws KexecError `ENOEXEC`, check `file-kind`, if the kind is unknown; else as the parser of the kind.
 * @example
 * ```ts
 * const { kind, facts } = await inspect(bytes);
 * ```
 */
export async function inspect(bytes: Uint8Array, opening: Opening = PORTABLE_OPENING): Promise<Inspected> {
  return inspectWithin(bytes, { opening, budget: new Budget(), depth: 0 });
}

async function inspectWithin(bytes: Uint8Array, within: Within): Promise<Inspected> {
  if (within.depth > 0) return inspectKind(bytes, within);
  const inspected = await attemptAsync(() => inspectKind(bytes, within));
  const { decompress } = within.opening;
  if (inspected instanceof KexecError) {
    if (!(await isCompressedCpio(bytes, decompress))) throw inspected;
    return { kind: 'initrd', facts: await inspectInitrd(bytes, decompress) };
  }
  if (inspected.kind !== CPIO) return inspected;
  return { kind: CPIO, facts: { initrd: await inspectInitrd(bytes, decompress), ...inspected.facts } };
}

async function inspectKind(bytes: Uint8Array, within: Within): Promise<Inspected> {
  const wrapping = findWrapping(bytes);
  if (wrapping !== undefined) return inspectWrapping(bytes, wrapping, within, inspectWithin);
  const { member } = within.opening;
  if (member?.name !== undefined) refuseMember(member.name);
  const found = FILE_KINDS.find(({ matches }) => matches(bytes));
  if (found !== undefined) {
    const facts = await found.inspect(bytes);
    const isImage = found.kind === IMAGE;
    return {
      kind: found.kind,
      facts,
      ...(isImage && { kernel: summarizeKernel(bytes, within.opening.hashes) }),
    };
  }
  const known = FILE_KINDS.map(({ kind }) => kind).join(', ');
  refuse(
    'file-kind',
    'ENOEXEC',
    `the file has ${bytes.length} bytes and ${describeFile(bytes)}; it is none of ${known}, and contains no kernel`,
    { cure: nameFile(bytes)?.cure },
  );
}

function isKernelFile(kind: KernelFileKind): (bytes: Uint8Array) => boolean {
  return (bytes) => detectKernelFileKind(bytes) === kind;
}

/** A PE file that is neither an Image nor contains one, such as a boot loader or an addon of a UKI. */
function inspectOtherPe(bytes: Uint8Array): Facts {
  const named = nameFile(bytes);
  return { ...(named === undefined ? {} : { description: named.name }), ...inspectPe(bytes) };
}

/** An ELF file with ET_CORE in `e_type`, in either byte order. */
function isElfCore(bytes: Uint8Array): boolean {
  const [low, high] = bytes.subarray(16, 18);
  return hasMagic(bytes, 'elf') && ((low === ET_CORE && high === 0) || (low === 0 && high === ET_CORE));
}

function isCpio(bytes: Uint8Array): boolean {
  return hasMagic(bytes, 'cpio');
}

function isMachineFile(bytes: Uint8Array): boolean {
  return /^\s*\{\s*"kexecFileMachine"/.test(decodeLatin1(bytes.subarray(0, 64)));
}

/** The schema is loaded only if there is a machine file to inspect. */
async function inspectMachineFile(bytes: Uint8Array): Promise<Facts> {
  const [{ parseMachine }, { inspectMachine }] = await Promise.all([
    import('../machine/schema.js'),
    import('./inspect-machine.js'),
  ]);
  return inspectMachine(parseMachine(new TextDecoder().decode(bytes)));
}
