import { systemRandom } from '../../base/random.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { chooseCall } from './choose-call.js';
import { requireHotplug } from './hotplug.js';
import { readLiveTrust } from './live-trust.js';
import { loadFiles } from './load-files.js';
import type { LiveLoad, LiveLoaded, LiveRequest } from './load-request.js';
import { loadSegments } from './load-segments.js';
import { requireNoLockdown, requirePermission } from './require-permission.js';
import { readThisMachine } from './this-machine.js';

/**
 * Loads a kernel on this machine. Each file is opened once, and the verified bytes are loaded.
 *
 * Nothing changes before the one system call at the end, so a load that is interrupted or refused leaves the old kernel
 * loaded. Only a crash kernel may be lost if the kernel itself refuses its successor: it frees the old one first.
 *
 * @throws KexecError if the load is refused; LoadRefusedError, with the trail, once there is a trail.
 */
export async function loadLive(load: LiveLoad): Promise<LiveLoaded> {
  const facts = requirePermission(load.options.type ?? 'default');
  const syscall = await chooseCall(load, facts);
  if (syscall === 'segments') requireNoLockdown(facts);
  if (load.hotplug === true) requireHotplug(syscall);
  const { machine, notes } = await readThisMachine(load);
  const request: LiveRequest = {
    options: load.options,
    trust: readLiveTrust(load.trust, load.policy, machine),
    hashes: nodeHashes,
    random: systemRandom,
  };
  return syscall === 'file'
    ? loadFiles(load, request, machine)
    : loadSegments(load, request, { machine, notes });
}
