import { systemRandom } from '../../base/random.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { chooseCall } from './choose-call.js';
import { requireHotplug } from './hotplug.js';
import { readLiveTrust } from './live-trust.js';
import type { LiveLoad, LiveRequest, LoadCall } from './load-request.js';
import { requireNoLockdown, requirePermission } from './require-permission.js';
import { type LoadMachine, readThisMachine } from './this-machine.js';

/** A load on this machine, before its files are read. */
export interface PreparedLoad extends LoadMachine {
  readonly syscall: LoadCall;
  readonly request: LiveRequest;
}

/**
 * Prepares a load on this machine: checks the permission, chooses the system call, reads the machine and the trusted
 * keys. Nothing is changed.
 *
 * @throws KexecError if the load cannot be made, whatever the files are.
 */
export async function prepareLoad(load: LiveLoad): Promise<PreparedLoad> {
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
  return { syscall, request, machine, notes };
}
