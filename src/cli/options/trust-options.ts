import type { Command } from 'commander';
import type { TrustOptions } from '../../node/keys/keyrings.js';
import { buildListOption } from './option-values.js';

/** The options for trust. */
export interface TrustCliOptions {
  readonly cert: readonly string[];
  readonly keyring: readonly string[];
  readonly dbx: readonly string[];
  /** Only commands that load a kernel have it. */
  readonly imaXattr?: string;
}

export function addTrustOptions(command: Command): Command {
  return command
    .addOption(
      buildListOption(
        '--cert <file>',
        'trust this certificate (PEM, DER or PKCS#7), as if it were built into the kernel; repeatable',
      ),
    )
    .addOption(
      buildListOption(
        '--keyring <[name:]file>',
        'trust the certificates in a file or folder: PEM, DER, PKCS#7, EFI signature lists and variables, a shim; repeatable',
      ),
    )
    .addOption(
      buildListOption('--dbx <file>', 'revoke what a signature list, EFI variable or shim lists; repeatable'),
    );
}

export function readTrustOptions({ cert, keyring, dbx, imaXattr }: TrustCliOptions): TrustOptions {
  return { certs: cert, keyrings: keyring, dbx, imaXattr };
}
