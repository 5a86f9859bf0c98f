import { attemptAsync, KexecError } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';
import { hex } from '../../base/u64.js';
import type { Kimage } from '../../kexec/kimage.js';
import { loadKernelFile } from '../../kexec/load-kernel-file.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { readInput } from '../files/file-input.js';
import { readKernel } from '../files/member-path.js';
import { LoadRefusedError } from './load-refused-error.js';
import type { LiveLoad, LiveLoaded, LiveRequest } from './load-request.js';
import { requestForCall } from './request-for-call.js';
import { callKexecLoad, findHotplugFlag } from './system-calls/kexec-load.js';
import type { LoadMachine } from './this-machine.js';

/**
 * Loads by kexec_load(2): we verify under the policy, place and build, and the kernel takes the segments as they are.
 *
 * @throws LoadRefusedError
 */
export async function loadSegments(
  load: LiveLoad,
  request: LiveRequest,
  { machine, notes }: LoadMachine,
): Promise<LiveLoaded> {
  const { bytes: kernel, member } = readKernel(load.kernel);
  const initrd = load.initrd === undefined ? undefined : readInput(load.initrd);
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  const result = await loadKernelFile(
    requestForCall({ ...request, kernel, member, initrd, unpacksInitrd: true }, 'segments'),
    machine,
    opening,
  );
  const trail = [...notes, ...result.trail];
  if ('refusal' in result) throw new LoadRefusedError(result.refusal, trail);
  const { kimage } = result;
  const { entry, segments, type } = kimage;
  const flags = load.options.hotplug === true ? findHotplugFlag(machine.kernel?.release) : 0;
  const refusal = await attemptAsync(() => callKexecLoad(entry, segments, type, flags));
  if (refusal instanceof KexecError) throw new LoadRefusedError(refusal, trail);
  const initrdSegment = segments.find(({ name }) => name === 'initrd');
  return {
    syscall: 'segments',
    file: kernel,
    image: result.image ?? kernel,
    initrd: initrdSegment?.bytes,
    kimage,
    trail: [...trail, noteSuccess(kimage)],
  };
}

function noteSuccess({ segments, entry }: Kimage): TrailEntry {
  const detail = `the kernel accepted ${segments.length} segments; the CPU enters at ${hex(entry)}`;
  return { check: 'kexec-load', verdict: 'ok', detail };
}
