import { attempt, KexecError } from '../base/error.js';
import type { LoadRequest } from '../kexec/request.js';
import type { Machine } from '../machine/machine-value.js';
import { verifyForMachines } from '../trust/verify-for-machines.js';
import type { MachineTrustCache } from './machine-trust-cache.js';
import { describeRefusal, type PreflightRow, preflightMachine } from './preflight-machine.js';

/** Verifies the kernel of a request, if signatures count and that was not done yet. */
export function verifyOnce(request: LoadRequest): LoadRequest {
  const { kernel, trust } = request;
  return trust === undefined || trust.verified !== undefined
    ? request
    : { ...request, trust: { ...trust, verified: verifyForMachines(kernel, trust) } };
}

/**
 * Plans a load on a machine of a fleet.
 *
 * @param file - of the machine, as reports name it
 * @param machine - or why its file cannot be read
 * @param cache - of the request
 */
export function preflightRow(
  file: string,
  machine: Machine | KexecError,
  cache: MachineTrustCache,
): PreflightRow {
  const planned =
    machine instanceof KexecError
      ? machine
      : attempt(() => preflightMachine(cache.requestFor(machine), machine));
  return planned instanceof KexecError
    ? { file, unreadable: describeRefusal(planned) }
    : { file, ...planned };
}
