import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import type { FileInput } from '../../node/files/file-input.js';
import { splitMember } from '../../node/files/member-path.js';
import { readPlanRequest } from '../../node/plan/plan-files.js';
import { type LoadArguments, readLoadOptions } from './load-arguments.js';
import { readTrustOptions } from './trust-options.js';

/** Every file that the options name, none of which may be overwritten. */
export function listInputFiles(kernel: string, given: LoadArguments): string[] {
  const { initrd, machine, cert, keyring, dbx, imaXattr } = given;
  return [splitMember(kernel).path, initrd, machine, imaXattr, ...cert, ...keyring, ...dbx].filter(
    (path) => path !== undefined,
  );
}

/** Reads each file once. @param initrd - in place of --initrd: that of a boot entry */
export function readRequest(
  kernel: string,
  given: LoadArguments,
  machine: Machine,
  initrd: FileInput | undefined = given.initrd,
): Promise<LoadRequest> {
  return readPlanRequest(kernel, {
    ...readLoadOptions(given, () => machine),
    initrd,
    trust: readTrustOptions(given),
    policy: given.policy,
    efiVariables: machine.efiVariables,
  });
}
