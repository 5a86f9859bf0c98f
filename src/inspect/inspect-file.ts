import { attempt, attemptAsync, KexecError, refuse } from '../base/error.js';
import { formatSize } from '../base/sizes.js';
import { hex } from '../base/u64.js';
import { detectCompression } from '../formats/compression/compression-names.js';
import { portableDecompress } from '../formats/compression/decompress.js';
import { GIVE_THE_KERNEL } from '../formats/foreign/foreign-file.js';
import { describeFile, nameFile } from '../formats/foreign/name-file.js';
import { cureCompressedDump, describeUnpacking } from '../formats/foreign-dumps.js';
import { hasModuleSignature } from '../formats/module-signature.js';
import { Budget } from '../kernel-file/expand.js';
import { findWrapping, type Opening } from '../kernel-file/open-wrapping.js';
import { refuseMember } from '../kernel-file/unwrap.js';
import { portableHashes } from '../trust/portable-hashes.js';
import type { Inspected } from './facts.js';
import { BZIMAGE, CPIO, IMAGE, inspectByKind, X86_VMLINUX } from './file-kinds.js';
import { findDumpKind } from './inspect-dump.js';
import { inspectInitrd, isCompressedCpio } from './inspect-initrd.js';
import { inspectKimageElf, isKimageElf } from './inspect-kimage-elf.js';
import { inspectOtherUimage, isOtherUimage } from './inspect-uimage.js';
import { inspectWrapping, requireDepth, type Within } from './inspect-wrapping.js';
import { summarizeKernel } from './kernel-summary.js';
import { inspectAppendedSignature } from './keys/inspect-ima.js';

/** The most bytes that are unpacked of a compressed file without a kernel, such as a configuration. */
const MAX_UNPACKED_BYTES = 64 << 20;

/** Enough to name what is compressed. */
const HEAD_BYTES = 36 << 10;

const UIMAGE = 'uImage';

/** Kinds that are a kernel themselves. */
const KERNELS: readonly string[] = [IMAGE, BZIMAGE, X86_VMLINUX];

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
  const within = { opening, budget: new Budget(), depth: 0 };
  const inspected = await inspectOutermost(bytes, within);
  const signature = hasModuleSignature(bytes) ? inspectAppendedSignature(bytes, opening.hashes) : undefined;
  if (signature === undefined) return inspected;
  return { ...inspected, facts: { ...inspected.facts, appendedSignature: signature } };
}

/** Initrds and compressed files are opened at the outermost level alone, or within a uImage. */
async function inspectOutermost(bytes: Uint8Array, within: Within): Promise<Inspected> {
  const { decompress } = within.opening;
  const inspected = await attemptAsync(() => inspectKind(bytes, within));
  if (inspected instanceof KexecError) {
    if (await isCompressedCpio(bytes, decompress))
      return { kind: 'initrd', facts: await inspectInitrd(bytes, decompress) };
    const opened = inspected.check === 'kernel-file' ? await inspectCompressed(bytes, within) : undefined;
    if (opened === undefined) throw inspected;
    return opened;
  }
  if (inspected.kind !== CPIO) return inspected;
  return { kind: CPIO, facts: { initrd: await inspectInitrd(bytes, decompress), ...inspected.facts } };
}

async function inspectKind(bytes: Uint8Array, within: Within): Promise<Inspected> {
  if (isKimageElf(bytes)) return { kind: 'kimage as ELF', facts: inspectKimageElf(bytes) };
  if (isOtherUimage(bytes)) return inspectUimage(bytes, within);
  const wrapping = findWrapping(bytes);
  if (wrapping !== undefined) return inspectWrapping(bytes, wrapping, within, inspectKind);
  const { member, hashes } = within.opening;
  if (member?.name !== undefined) refuseMember(member.name);
  const inspected = await inspectByKind(bytes, hashes);
  if (inspected === undefined) refuseUnknown(bytes);
  return KERNELS.includes(inspected.kind)
    ? { ...inspected, kernel: summarizeKernel(bytes, hashes) }
    : inspected;
}

async function inspectUimage(bytes: Uint8Array, within: Within): Promise<Inspected> {
  requireDepth(UIMAGE, within);
  const facts = await inspectOtherUimage(bytes, async (data) => {
    const contents = await attemptAsync(() => inspectOutermost(data, { ...within, depth: within.depth + 1 }));
    return contents instanceof KexecError ? undefined : contents;
  });
  return { kind: UIMAGE, facts };
}

/**
 * Inspects what is compressed in a file, if it is no kernel: a configuration, a tar of the collector.
 *
 * @returns undefined for a file that is not compressed, or whose contents are unknown
 * @throws KexecError `ENOEXEC`, check `file-kind`, for a dump, which no command unpacks.
 */
async function inspectCompressed(bytes: Uint8Array, within: Within): Promise<Inspected | undefined> {
  const wrapping = attempt(() => findWrapping(bytes));
  const compression = detectCompression(bytes);
  const decompressor = compression && (await within.opening.decompress(compression));
  if (wrapping === undefined || wrapping instanceof KexecError) return undefined;
  if (compression === undefined || decompressor === undefined) return undefined;
  const head = await decompressor(bytes, { limit: 32, atLimit: 'stop' });
  const dump = findDumpKind(head);
  if (dump !== undefined)
    refuse('file-kind', 'ENOEXEC', `the file is a dump (${dump}) that is compressed by ${compression}`, {
      cure: cureCompressedDump(compression),
    });
  const contents = await attemptAsync(async () => {
    const data = await decompressor(bytes, { limit: MAX_UNPACKED_BYTES, atLimit: 'refuse' });
    const inspected = await inspectByKind(data, within.opening.hashes);
    return inspected && { size: hex(data.length), ...inspected };
  });
  if (contents === undefined || contents instanceof KexecError) {
    const named = nameFile(await decompressor(bytes, { limit: HEAD_BYTES, atLimit: 'stop' }));
    if (named === undefined) return undefined;
    const cure = `unpack it (${describeUnpacking(compression)}), and then: ${named.cure}`;
    refuse('file-kind', 'ENOEXEC', `the file is ${named.name}, compressed by ${compression}`, { cure });
  }
  const { kind, size, facts } = contents;
  return { kind: wrapping.name, facts: { size: hex(bytes.length), contents: { kind, size, ...facts } } };
}

function refuseUnknown(bytes: Uint8Array): never {
  const named = nameFile(bytes);
  if (bytes.length === 0) refuse('file-kind', 'ENOEXEC', 'the file is empty');
  const seen =
    named === undefined
      ? `the file (${formatSize(bytes.length)}) ${describeFile(bytes)}: it is of no kind that inspect knows`
      : `the file (${formatSize(bytes.length)}) is ${named.name}, which inspect does not open`;
  // A kernel is not what was expected here: the check's own cure names what is.
  const cure = named?.cure === GIVE_THE_KERNEL ? undefined : named?.cure;
  refuse('file-kind', 'ENOEXEC', seen, { cure });
}
