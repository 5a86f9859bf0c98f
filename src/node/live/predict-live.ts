import { type KernelFileResult, loadKernelFile } from '../../kexec/load-kernel-file.js';
import type { LoadCall } from '../../kexec/load-options.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readInput } from '../files/file-input.js';
import { readKernel } from '../files/member-path.js';
import type { LiveLoad } from './load-request.js';
import { prepareLoad } from './prepare-load.js';
import { requestForCall } from './request-for-call.js';

/** What a load on this machine would come to. */
export interface PredictedLoad {
  /** The system call that it would make. */
  readonly syscall: LoadCall;
  /** The kernel file. */
  readonly file: Uint8Array;
  readonly result: KernelFileResult;
}

/**
 * Predicts a load on this machine, with every check, up to the system call that loads. Nothing is changed.
 *
 * @returns the kimage or the refusal, with the trail
 * @throws KexecError as `loadLive()`, as long as no file was read.
 */
export async function predictLive(load: LiveLoad): Promise<PredictedLoad> {
  const { syscall, request, machine, notes } = await prepareLoad(load);
  const { bytes: kernel, member } = readKernel(load.kernel);
  const initrd = load.initrd === undefined ? undefined : readInput(load.initrd);
  const result = await loadKernelFile(
    requestForCall({ ...request, kernel, member, initrd, unpacksInitrd: true }, syscall),
    machine,
    { decompress: nodeDecompress, hashes: nodeHashes },
  );
  return { syscall, file: kernel, result: { ...result, trail: [...notes, ...result.trail] } };
}
