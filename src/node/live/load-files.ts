import type { Check } from '../../base/checks.js';
import { KexecError } from '../../base/error.js';
import { isReleaseBefore } from '../../base/kernel-release.js';
import { Trail, type TrailEntry } from '../../base/trail.js';
import { kexecFileLoad, type LoadResult } from '../../kexec/file-load.js';
import { type OpenedRequest, openKernelFile } from '../../kexec/load-kernel-file.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Policy } from '../../trust/policy.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { type OpenFile, openFile } from '../files/read-file.js';
import type { LiveLoad, LiveLoaded, LiveRequest } from './load-request.js';
import { LoadRefusedError } from './refused.js';
import { kexecFileLoadCall } from './system-calls/kexec-file-load.js';
import { openMemoryFile } from './system-calls/memory-file.js';

/**
 * Loads by kexec_file_load(2): the kernel verifies and places; we predict what it will say, and explain what it said.
 * The kernel takes an Image alone: out of any other file, Image and initrd are taken first, and given to it as files in
 * memory. So is an Image under `enforce`, unless the kernel verifies it as well: what loads are the bytes that were verified.
 * Otherwise the kernel reads through the descriptors that we read through.
 *
 * Under `enforce` our own verification comes first, and a refusal of it is the end. Under the other policies the kernel
 * alone decides.
 *
 * @throws LoadRefusedError
 */
export async function loadFiles(load: LiveLoad, request: LiveRequest, machine: Machine): Promise<LiveLoaded> {
  const open: Closable[] = [];
  const opened = <T extends Closable>(file: T): T => {
    open.push(file);
    return file;
  };
  try {
    const kernel = opened(openFile(load.kernel));
    const initrd = load.initrd === undefined ? undefined : opened(openFile(load.initrd));
    const trail = new Trail();
    const inner = await openLayers(
      { ...request, kernel: kernel.bytes, initrd: initrd?.bytes },
      load.policy,
      trail,
    );
    const prediction = kexecFileLoad(inner, machine, trail);
    if ('refusal' in prediction && isFinal(prediction.refusal, load)) {
      throw new LoadRefusedError(prediction.refusal, prediction.trail);
    }
    const fileOf = async (name: string, bytes: Uint8Array, file: OpenFile | undefined) =>
      (file?.bytes === bytes && mayReadAgain(load.policy, machine)
        ? file
        : opened(await openMemoryFile(name, bytes))
      ).descriptor;
    const debug = debugFlag(load, machine);
    await call(
      {
        kernel: await fileOf('kernel', inner.kernel, kernel),
        initrd: inner.initrd && (await fileOf('initrd', inner.initrd, initrd)),
        commandLine: inner.options.commandLine,
        type: inner.options.type ?? 'default',
        debug: debug.flag,
      },
      prediction,
    );
    const notes = [...debug.notes, ...noteChecks(load)];
    const kimage = 'kimage' in prediction ? prediction.kimage : undefined;
    return { syscall: 'file', kimage, trail: [...withoutRefusal(prediction), ...notes, taken(prediction)] };
  } finally {
    for (const file of open) file.close();
  }
}

/**
 * Whether the kernel may be given a file itself, which somebody may have written to since it was verified: not where our
 * verification is the only one that decides.
 */
function mayReadAgain(policy: Policy, { kexecSignature, lockdown = 'none' }: Machine): boolean {
  return (
    policy !== 'enforce' ||
    kexecSignature === 'force' ||
    (kexecSignature === 'checked' && lockdown !== 'none')
  );
}

interface Closable {
  close(): void;
}

/**
 * What the kernel is given, and how it is predicted: where our policy does not enforce, by the rules of this machine's
 * kernel.
 *
 * @throws LoadRefusedError if it cannot be taken out of its file, which the kernel could not do either.
 */
async function openLayers(request: LoadRequest, asked: Policy, trail: Trail): Promise<OpenedRequest> {
  const policy: Policy = asked === 'enforce' ? 'enforce' : 'as-kernel';
  const trust = request.trust && { ...request.trust, policy };
  const options = { ...request.options, purgatory: false as const };
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  try {
    const inner = await openKernelFile({ ...request, options, trust }, opening, trail);
    if (inner.layers.length > 0) {
      const seen = 'kexec_file_load takes an Image alone: it is given what was in the file';
      trail.note('kernel-file', `${seen}, and verifies the signature of that`);
    }
    return inner;
  } catch (error) {
    if (error instanceof KexecError) throw new LoadRefusedError(error, trail.entries);
    throw error;
  }
}

/** Checks that rest on what is known of the machine: the kernel knows better. */
const CHECKS_OF_THE_MACHINE: readonly Check[] = [
  'image-endianness',
  'image-granule',
  'machine-facts',
  'crash-region',
  'elfcorehdr',
  'dtb-header',
  'dtb-structure',
  'dtb-strings',
  'dtb-reservations',
  'dtb-value',
  'dtb-size',
  'dtb-chosen',
  'segment-hole',
  'segment-total',
];

/** PE files that are malformed: a kernel that verifies them may read past their end. */
const CHECKS_OF_THE_FILE: readonly Check[] = [
  'pe-header',
  'pe-section',
  'pe-directory',
  'pe-certificates',
  'pe-contents',
];

/** Whether our refusal is the end, or the kernel is asked all the same. */
function isFinal({ check }: KexecError, { policy }: LiveLoad): boolean {
  if (CHECKS_OF_THE_FILE.includes(check)) return true;
  return policy === 'enforce' && !CHECKS_OF_THE_MACHINE.includes(check);
}

async function call(files: Parameters<typeof kexecFileLoadCall>[0], prediction: LoadResult): Promise<void> {
  try {
    await kexecFileLoadCall(files);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    throw new LoadRefusedError(explain(error, prediction), withoutRefusal(prediction));
  }
}

/**
 * The kernel's refusal, held against what was predicted: where they agree, our check tells what the kernel does not. A
 * kernel without the call has not looked at the files.
 */
export function explain(error: KexecError, prediction: LoadResult): KexecError {
  const { errno, seen } = error;
  if (errno === 'ENOSYS') return error;
  if (!('refusal' in prediction)) {
    return error.with(`${seen}; predicted was that it loads`);
  }
  const { refusal } = prediction;
  return refusal.errno === errno
    ? refusal.with(`${refusal.seen}; ${seen}, as predicted`)
    : error.with(`${seen}; predicted was ${refusal.errno} (${refusal.check}): ${refusal.seen}`);
}

/** A refusal that was not the end is a note in the trail: the kernel had the last word. */
function withoutRefusal({ trail }: LoadResult): TrailEntry[] {
  return trail.map((entry) => {
    if (entry.verdict !== 'refused') return entry;
    const { check, errno, detail, holes } = entry;
    const told = `predicted was ${errno}: ${detail}`;
    return { check, verdict: 'note', detail: told, ...(holes === undefined ? {} : { holes }) };
  });
}

function taken(prediction: LoadResult): TrailEntry {
  const detail =
    'refusal' in prediction ? 'the kernel took the files all the same' : 'the kernel took the files';
  return { check: 'kexec-file-load', verdict: 'ok', detail };
}

/** KEXEC_FILE_DEBUG came with Linux 6.8; older kernels would refuse the call for it. */
function debugFlag(
  { debug }: LiveLoad,
  { kernel }: Machine,
): { flag: boolean; notes: readonly TrailEntry[] } {
  if (debug !== true) return { flag: false, notes: [] };
  if (isReleaseBefore(kernel?.release, 6, 8) === false) return { flag: true, notes: [] };
  const detail = `--debug: ${kernel?.release ?? 'this kernel'} logs no placements; that came with 6.8`;
  return { flag: false, notes: [{ check: 'kexec-file-load', verdict: 'note', detail }] };
}

function noteChecks({ options: { purgatory } }: LiveLoad): TrailEntry[] {
  if (purgatory === undefined || purgatory === false || purgatory.checks !== false) return [];
  const detail =
    '--no-checks changes nothing: after kexec_file_load there is no purgatory on arm64 that would check';
  return [{ check: 'entry', verdict: 'note', detail }];
}
