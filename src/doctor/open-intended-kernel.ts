import { attempt, attemptAsync, KexecError } from '../base/error.js';
import { Trail } from '../base/trail.js';
import { readEmbeddedConfig } from '../kernel-file/embedded-config.js';
import { readInitrd } from '../kernel-file/initrd/read-initrd.js';
import { findBanner } from '../kernel-file/kernel-banner.js';
import type { Opening } from '../kernel-file/open-wrapping.js';
import { openKernelFile } from '../kexec/open-kernel-file.js';
import type { KernelOptions } from '../machine/kernel-config.js';
import type { TrustRequest } from '../trust/policy.js';
import type { IntendedLoad, IntendedTrust } from './intended-load.js';

/**
 * Takes the Image out of the file that contains it, as a load does, and unpacks the initrd to check it. A UKI's initrd
 * and command line are used where the load has none.
 *
 * @returns the load of the Image; with the refusal as `unopened` if there is none
 */
export async function openIntendedKernel(intended: IntendedLoad, opening: Opening): Promise<IntendedLoad> {
  const opened = await openKernel(intended, opening);
  const { initrd } = opened;
  if (opened.initrdReport !== undefined || initrd === undefined || initrd.length === 0) return opened;
  return { ...opened, initrdReport: await readInitrd(initrd, opening.decompress) };
}

async function openKernel(intended: IntendedLoad, opening: Opening): Promise<IntendedLoad> {
  const { kernel, initrd, commandLine, trust } = intended;
  if (kernel === undefined) return intended;
  const trail = new Trail();
  const request = { kernel, initrd, options: { commandLine }, trust: trust && enforceTrust(trust) };
  const opened = await attemptAsync(() => openKernelFile(request, opening, trail));
  if (opened instanceof KexecError) {
    trail.refuse(opened);
    return { ...intended, unopened: { refusal: opened, trail: trail.entries } };
  }
  const { layers, envelopes, initrdReport } = opened;
  return {
    ...intended,
    options: intended.options ?? (await readOwnConfig(opened.kernel, opening)),
    kernel: opened.kernel,
    initrd: opened.initrd,
    commandLine: opened.options.commandLine,
    layers,
    envelopes,
    initrdReport,
  };
}

async function readOwnConfig(image: Uint8Array, { decompress }: Opening): Promise<KernelOptions | undefined> {
  const banner = findBanner(image);
  return banner && readEmbeddedConfig(image, banner, decompress);
}

/** The policy for signatures around the Image; undefined without a trust store, which is a finding of its own. */
function enforceTrust({ storeFor, hashes }: IntendedTrust): TrustRequest | undefined {
  const store = attempt(() => storeFor('enforce'));
  return store instanceof KexecError ? undefined : { store, policy: 'enforce', hashes };
}
