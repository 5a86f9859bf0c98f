import type { DumpArchitecture } from './architecture.js';
import { ARM64_DUMPS } from './arm64/arm64-dumps.js';
import { X86_DUMPS } from './x86-64/x86-dumps.js';

const ARCHITECTURES: readonly DumpArchitecture[] = [ARM64_DUMPS, X86_DUMPS];

/** The dumps of an architecture by `e_machine`; the readers of headers refuse a machine that is not listed. */
export function findDumpArchitecture(elfMachine: number | undefined): DumpArchitecture {
  return ARCHITECTURES.find((one) => one.elfMachine === elfMachine) ?? ARM64_DUMPS;
}
