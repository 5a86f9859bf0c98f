import { systemRandom } from '../../base/random.js';
import type { LoadCall } from '../../kexec/load-options.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import { findSegmentsRefusal } from '../../trust/segments-gate.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { completeThisMachine } from '../collect/record-this-machine.js';
import { chooseCall } from './choose-call.js';
import { requireHotplug } from './hotplug.js';
import { readLiveTrust } from './live-trust.js';
import type { LiveLoad, LiveRequest } from './load-request.js';
import { readHasKexecFileLoad } from './privileges.js';
import { requirePermission } from './require-permission.js';
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
  if (load.options.hotplug === true) requireHotplug(load.options);
  const { machine: read, notes } = await readThisMachine(load);
  // Only kexec_file_load loads the running kernel's purgatory.
  const machine = syscall === 'file' ? await completeThisMachine(read) : read;
  if (syscall === 'segments') requireOpenGates(machine);
  const request: LiveRequest = {
    options: load.options,
    trust: readLiveTrust(load.trust, load.policy, machine),
    hashes: nodeHashes,
    random: systemRandom,
  };
  return { syscall, request, machine, notes };
}

/** Refuses kexec_load(2) if this kernel refuses it for any segments. @throws KexecError as `findSegmentsRefusal()` returns */
function requireOpenGates(machine: Machine): void {
  const refusal = findSegmentsRefusal(machine);
  if (refusal === undefined) return;
  // Only the cure depends on it: /proc/kallsyms has 10 MiB.
  const hasFileLoad = isBuiltIn(machine.kernel?.config, 'KEXEC_FILE') ?? readHasKexecFileLoad();
  throw findSegmentsRefusal(machine, hasFileLoad) ?? refusal;
}
