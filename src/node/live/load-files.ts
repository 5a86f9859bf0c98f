import type { Check } from '../../base/checks.js';
import { attempt, attemptAsync, KexecError } from '../../base/error.js';
import { Trail, type TrailEntry } from '../../base/trail.js';
import { findStrictRefusal } from '../../base/warnings.js';
import type { Opening } from '../../kernel-file/open-wrapping.js';
import { checkPe } from '../../kexec/check-pe.js';
import { kexecFileLoad, type LoadResult } from '../../kexec/file-load.js';
import { warnOfNextBoot } from '../../kexec/next-boot/warn-of-next-boot.js';
import { type OpenedRequest, openingFor, openKernelFile } from '../../kexec/open-kernel-file.js';
import type { LoadRequest } from '../../kexec/request.js';
import { hasChange, KERNEL_CHANGES } from '../../machine/kernel-changes.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Policy } from '../../trust/policy.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import type { FileInput } from '../files/file-input.js';
import { splitMember } from '../files/member-path.js';
import { type OpenFile, openFile } from '../files/read-file.js';
import { chooseCmaFlag } from './choose-cma-flag.js';
import { blameMemoryFile, explainRefusal, replaceRefusal } from './explain-refusal.js';
import { LoadRefusedError } from './load-refused-error.js';
import type { LiveLoad, LiveLoaded, LiveRequest } from './load-request.js';
import { noteMissingPurgatory } from './request-for-call.js';
import { callKexecFileLoad, type FileLoad } from './system-calls/kexec-file-load.js';
import { openMemoryFile } from './system-calls/memory-file.js';

/**
 * Loads by kexec_file_load(2): the kernel verifies and places. The result is predicted first, so that a refusal of the
 * kernel can be explained.
 *
 * The kernel takes only an Image, that of x86_64 a bzImage. From any other file, that and the initrd are extracted first and
 * given to the kernel as files in memory. So is an Image under `enforce`, even if the kernel verifies it, too: the bytes that
 * were verified are loaded. Otherwise the kernel reads through the descriptors that we read through.
 *
 * Under `enforce`, a refusal by our own verification is final. Under the other policies, the kernel alone decides.
 *
 * @throws LoadRefusedError
 */
export async function loadFiles(load: LiveLoad, request: LiveRequest, machine: Machine): Promise<LiveLoaded> {
  const files = new OpenFiles();
  try {
    const { path, member } = splitMember(load.kernel);
    const kernel = files.add(openFile(path));
    const initrd = load.initrd === undefined ? undefined : files.add(openInitrd(load.initrd));
    const trail = new Trail();
    const contents = { ...request, kernel: kernel.bytes, member, initrd: initrd?.bytes };
    const opening = openingFor(machine, { decompress: nodeDecompress, hashes: nodeHashes });
    const inner = await openLayers(contents, { asked: load.policy, opening, trail });
    const predicted = kexecFileLoad(inner, machine, trail);
    const prediction = await warnOfNextBoot(predicted, { ...inner, unpacksInitrd: true }, machine, opening);
    if ('refusal' in prediction && isFinal(prediction.refusal, load)) {
      throw new LoadRefusedError(prediction.refusal, prediction.trail);
    }
    const lack = load.options.strict === true ? findStrictRefusal(prediction.trail) : undefined;
    if (lack !== undefined) throw new LoadRefusedError(lack, replaceRefusal(prediction));
    // A file may have been written to since it was verified.
    const canReuse = load.policy !== 'enforce';
    const debug = chooseDebugFlag(load, machine);
    const noCma = await chooseCmaFlag(load.options, machine);
    await callKernel(
      {
        kernel: await files.descriptorOf('kernel', inner.kernel, canReuse ? kernel : undefined),
        initrd:
          inner.initrd && (await files.descriptorOf('initrd', inner.initrd, canReuse ? initrd : undefined)),
        commandLine: inner.options.commandLine,
        type: inner.options.type ?? 'default',
        debug: debug.flag,
        noCma: noCma.flag,
      },
      prediction,
      canReuse,
    );
    const notes = [
      ...debug.notes,
      ...noCma.notes,
      ...noteMissingPurgatory(load.options),
      noteSuccess(prediction),
    ];
    return {
      syscall: 'file',
      file: kernel.bytes,
      image: inner.kernel,
      initrd: inner.initrd,
      kimage: 'kimage' in prediction ? prediction.kimage : undefined,
      trail: [...replaceRefusal(prediction), ...notes],
    };
  } finally {
    files.close();
  }
}

/** Bytes become a file in memory when the kernel asks for one. */
function openInitrd(initrd: FileInput): OpenFile {
  if (typeof initrd === 'string') return openFile(initrd);
  return { descriptor: -1, isRegular: false, bytes: initrd, close: () => {} };
}

interface Closable {
  close(): void;
}

/** The files of a load, which are closed together. */
class OpenFiles {
  readonly #files: Closable[] = [];

  add<File extends Closable>(file: File): File {
    this.#files.push(file);
    return file;
  }

  /**
   * The descriptor of a file with these bytes: of the given one, if it has them and is no pipe, else of a file in
   * memory.
   */
  async descriptorOf(name: string, bytes: Uint8Array, file: OpenFile | undefined): Promise<number> {
    if (file?.bytes === bytes && file.isRegular) return file.descriptor;
    return this.add(await openMemoryFile(name, bytes)).descriptor;
  }

  close(): void {
    for (const file of this.#files) file.close();
  }
}

/**
 * Extracts what the kernel gets. Unless our policy is `enforce`, the prediction follows the rules of this machine's
 * kernel.
 *
 * @throws LoadRefusedError if nothing that the kernel takes can be extracted; it could not do that either.
 */
async function openLayers(
  request: LoadRequest,
  { asked, opening, trail }: { readonly asked: Policy; readonly opening: Opening; readonly trail: Trail },
): Promise<OpenedRequest> {
  const policy: Policy = asked === 'enforce' ? 'enforce' : 'as-kernel';
  const trust = request.trust && { ...request.trust, policy };
  const options = { ...request.options, call: 'file' as const, purgatory: false as const };
  const inner = await attemptAsync(() => openKernelFile({ ...request, options, trust }, opening, trail));
  if (inner instanceof KexecError) throw new LoadRefusedError(inner, trail.entries);
  // The prediction only notes it, as the kernel ignores it.
  const damage =
    asked === 'permissive' ? attempt(() => checkPe(inner.kernel, asked, new Trail())) : undefined;
  if (damage instanceof KexecError) throw new LoadRefusedError(damage, trail.entries);
  if (inner.layers.length > 0) {
    trail.note(
      'kernel-file',
      "kexec_file_load takes only an Image, on x86_64 a bzImage: it gets the one in the file, and verifies that one's own signature",
    );
  }
  return inner;
}

/** Checks that depend on recorded facts of the machine: the kernel knows them better. */
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
  'kho-hole',
  'segment-total',
  'bzimage-firmware',
  'bzimage-levels',
  'running-purgatory',
];

/** Checks for malformed PE files: a kernel that verifies such a file may read past its end. */
const CHECKS_OF_THE_FILE: readonly Check[] = [
  'pe-header',
  'pe-section',
  'pe-directory',
  'pe-certificates',
  'pe-contents',
];

/** Whether a refusal in the prediction ends the load; otherwise the kernel is asked in spite of it. */
function isFinal({ check }: KexecError, { policy, needsPrediction = false }: LiveLoad): boolean {
  if (CHECKS_OF_THE_FILE.includes(check)) return true;
  // Without the running kernel's purgatory no places are predicted: all else was, and nothing was refused.
  if (needsPrediction) return check !== 'running-purgatory';
  return policy === 'enforce' && !CHECKS_OF_THE_MACHINE.includes(check);
}

/** @param isOnDisk - whether the kernel gets the files that were named, or files in memory */
async function callKernel(files: FileLoad, prediction: LoadResult, isOnDisk: boolean): Promise<void> {
  const refusal = await attemptAsync(() => callKexecFileLoad(files));
  if (!(refusal instanceof KexecError)) return;
  const error = isOnDisk ? refusal : blameMemoryFile(refusal);
  throw new LoadRefusedError(explainRefusal(error, prediction), replaceRefusal(prediction));
}

function noteSuccess(prediction: LoadResult): TrailEntry {
  const detail =
    'refusal' in prediction
      ? 'the kernel accepted the files, although a refusal was predicted'
      : 'the kernel accepted the files';
  return { check: 'kexec-file-load', verdict: 'ok', detail };
}

/** Older kernels would refuse the call for the flag. */
function chooseDebugFlag(
  { debug }: LiveLoad,
  { kernel }: Machine,
): { flag: boolean; notes: readonly TrailEntry[] } {
  if (debug !== true) return { flag: false, notes: [] };
  const release = kernel?.release;
  if (release !== undefined && hasChange(release, 'debug-flag')) return { flag: true, notes: [] };
  const { since } = KERNEL_CHANGES['debug-flag'];
  const detail = `--debug has no effect: ${release ?? 'this kernel'} does not log placements; Linux ${since} and later do`;
  return { flag: false, notes: [{ check: 'kexec-file-load', verdict: 'note', detail }] };
}
