import { join } from 'node:path';
import type { CaptureMachine } from '../../machine/capture-command-line.js';
import { readCpuinfoFacts } from '../../machine/cpuinfo.js';
import { readText, readTextIfAny } from '../files/read-file.js';

/** The running kernel's command line, and what that of its capture kernel depends on. */
export interface RunningKernel extends CaptureMachine {
  readonly commandLine: string;
}

/**
 * Reads it on this machine.
 *
 * @param root - the root of the file system; a folder in a test
 * @throws KexecError check `file-access`, if the command line cannot be read.
 */
export function readRunningKernel(root = '/'): RunningKernel {
  return {
    commandLine: readText(join(root, 'proc/cmdline')).trimEnd(),
    systemVendor: readTextIfAny(join(root, 'sys/class/dmi/id/sys_vendor'))?.trim(),
    ...readCpuinfoFacts(readTextIfAny(join(root, 'proc/cpuinfo'))),
  };
}
