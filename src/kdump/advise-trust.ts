import { KexecError, refusalArguments } from '../base/error.js';

/**
 * Says what an administrator of the service can do if nothing is trusted: the service has no options of a command.
 *
 * @returns any other refusal as it is
 */
export function adviseTrust(error: KexecError): KexecError {
  if (error.check !== 'trust') return error;
  const cure =
    'name whom to trust in /etc/kexec-file.conf, such as the shim of the distribution (Debian: package shim-signed): ' +
    '[load] keyrings = ["/usr/lib/shim/shimaa64.efi.signed"]; policy = "permissive" loads any kernel';
  return new KexecError(...refusalArguments(error.kind, error.seen, { cause: error, cure }));
}
