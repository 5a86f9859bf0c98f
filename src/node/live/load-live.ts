import { systemRandom } from '../../base/random.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { chooseCall } from './choose-call.js';
import { requireHotplug } from './hotplug.js';
import { loadFiles } from './load-files.js';
import type { LiveLoad, LiveLoaded, LiveRequest } from './load-request.js';
import { loadSegments } from './load-segments.js';
import { requireNoLockdown, requirePermission } from './require-permission.js';
import { thisMachine } from './this-machine.js';
import { liveTrust } from './trust.js';

/**
 * Loads a kernel on this machine. Each file is opened once, and what was verified is what is loaded.
 *
 * Until the one system call at the end, nothing changes; so what is loaded is the old or the new, whenever it is
 * interrupted or refused. Only a crash kernel may be gone if the kernel itself refuses its successor: it makes room first.
 *
 * @throws KexecError if it is refused; LoadRefusedError, which has the trail, once there is one.
 */
export async function loadLive(load: LiveLoad): Promise<LiveLoaded> {
  const facts = requirePermission(load.options.type ?? 'default');
  const syscall = await chooseCall(load, facts);
  if (syscall === 'segments') requireNoLockdown(facts);
  if (load.hotplug === true) requireHotplug(syscall);
  const { machine, notes } = await thisMachine(load);
  const request: LiveRequest = {
    options: load.options,
    trust: liveTrust(load.trust, load.policy, machine),
    hashes: nodeHashes,
    random: systemRandom,
  };
  return syscall === 'file'
    ? loadFiles(load, request, machine)
    : loadSegments(load, request, { machine, notes });
}
