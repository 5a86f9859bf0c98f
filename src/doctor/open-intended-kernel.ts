import { KexecError } from '../base/error.js';
import { Trail } from '../base/trail.js';
import type { Opening } from '../kernel-file/open-wrapping.js';
import { openKernelFile } from '../kexec/load-kernel-file.js';
import type { TrustRequest } from '../trust/policy.js';
import type { IntendedLoad, IntendedTrust } from './intended-load.js';

/**
 * Takes the kernel of a subject out of the file that it comes in, as a load does: what is diagnosed then is the Image,
 * with the initrd and the command line of a UKI where none are given.
 */
export async function openIntendedKernel(subject: IntendedLoad, opening: Opening): Promise<IntendedLoad> {
  const { kernel, initrd, commandLine, trust } = subject;
  if (kernel === undefined) return subject;
  const trail = new Trail();
  try {
    const request = { kernel, initrd, commandLine, trust: trust && enforcing(trust) };
    const inner = await openKernelFile(request, opening, trail);
    const { layers, envelopes } = inner;
    return {
      ...subject,
      kernel: inner.kernel,
      initrd: inner.initrd,
      commandLine: inner.commandLine,
      layers,
      envelopes,
    };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    trail.refuse(error);
    return { ...subject, unopened: { refusal: error, trail: trail.entries } };
  }
}

/** Whom envelopes have to be signed by; a store that cannot be made is a finding of the signature's. */
function enforcing({ storeFor, hashes }: IntendedTrust): TrustRequest | undefined {
  try {
    return { store: storeFor('enforce'), policy: 'enforce', hashes };
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}
