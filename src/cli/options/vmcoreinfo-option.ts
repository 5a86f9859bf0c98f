import { Option } from 'commander';
import { readFile } from '../../node/files/read-file.js';

export interface VmcoreinfoOptions {
  /** A path. */
  readonly vmcoreinfo?: string | undefined;
}

/** The option that gives the text of VMCOREINFO to a command that reads dumps. */
export function buildVmcoreinfoOption(): Option {
  return new Option(
    '--vmcoreinfo <file>',
    'the text of VMCOREINFO (makedumpfile -g writes it), where the dump has none; its memory is searched otherwise',
  );
}

/** @throws KexecError `file-access`, if the file cannot be read. */
export function readVmcoreinfoOption({ vmcoreinfo }: VmcoreinfoOptions): Uint8Array | undefined {
  return vmcoreinfo === undefined ? undefined : readFile(vmcoreinfo);
}
