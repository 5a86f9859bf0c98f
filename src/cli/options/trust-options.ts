import type { Command } from 'commander';
import type { TrustOptions } from '../../node/keys/keyrings.js';

/** The options that say who is trusted. */
export interface TrustCliOptions {
  readonly cert: readonly string[];
  readonly keyring: readonly string[];
  readonly dbx: readonly string[];
}

export function addTrustOptions(command: Command): Command {
  const collect = (value: string, before: readonly string[]): string[] => [...before, value];
  return command
    .option('--cert <file>', 'trust this certificate, as if it were built in', collect, [])
    .option(
      '--keyring <[name:]file>',
      'trust what a file or folder holds: PEM, DER, EFI signature lists and variables, a shim',
      collect,
      [],
    )
    .option('--dbx <file>', 'distrust what a signature list or variable holds', collect, []);
}

export function trustSources({ cert, keyring, dbx }: TrustCliOptions): TrustOptions {
  return { certs: cert, keyrings: keyring, dbx };
}
