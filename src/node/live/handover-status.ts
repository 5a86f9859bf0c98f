import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFiles } from '../../machine/collect/record-files.js';
import { SOURCES } from '../../machine/collect/sources.js';
import { findHandoverState, type HandoverState } from '../../machine/handover-state.js';
import { parseKernelConfig } from '../../machine/kernel-config.js';
import { nodeGunzip } from '../collect/node-gunzip.js';
import { collectLive } from '../collect/record-live.js';

/** What the running kernel hands over to the next one beside its device tree. */
export interface HandoverStatus {
  /** Kexec Handover (KHO). */
  readonly handover: HandoverState;
  /** Whether the live update orchestrator (LUO) is on: exec then first serialises what its sessions preserve. */
  readonly liveUpdate: boolean;
}

/** LUO registers this device only if it is on, for which it needs KHO: kernel function `liveupdate_ioctl_init()`. */
const LIVE_UPDATE_DEVICE = '/sys/class/misc/liveupdate';

const FACTS = SOURCES.filter(({ name }) => ['kho-scratch-phys', 'cmdline', 'config'].includes(name));

/**
 * Reads the state of KHO and LUO on this machine: as root with debugfs by KHO's scratch areas, else by command line and
 * configuration.
 *
 * @param root - the folder of the machine's files: `/`, or another folder in tests
 * @throws KexecError check `machine-archive`, if the configuration is damaged
 */
export function readHandoverStatus(root = '/'): HandoverStatus {
  const liveUpdate = existsSync(join(root, LIVE_UPDATE_DEVICE));
  const { cmdline, config, ...areas } = decodeFiles(collectLive(root, FACTS).files, nodeGunzip);
  if (liveUpdate || areas['kho-scratch-phys'] !== undefined) return { handover: 'on', liveUpdate };
  const kernel = config === undefined ? {} : { config: parseKernelConfig(config) };
  const facts = { kernel, ...(cmdline === undefined ? {} : { commandLine: cmdline }) };
  return { handover: findHandoverState(facts), liveUpdate };
}
