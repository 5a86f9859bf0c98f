import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { refuse } from '../../base/error.js';
import { findDestination, isLink } from './destination.js';
import { claimStandardOutput, STDOUT } from './standard-descriptors.js';

/** The outputs of a command by their options: `--svg`; undefined for an option that was not given. */
export type Outputs = Readonly<Record<string, string | undefined>>;

/** The option whose report is printed on standard output, whatever else is. */
const REPORT = '--json';

/**
 * Checks where a command will write, before it works: no two outputs are one file, and none is an input. If one of them
 * is standard output, reports go to standard error from then on.
 *
 * @param inputs - files and folders that are read; undefined for those that were not given
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export function checkOutputs(outputs: Outputs, inputs: readonly (string | undefined)[]): void {
  const options = new Map<string, string>();
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    refuseInputs(path, inputs);
    const file = identifyOutput(path);
    if (file === undefined) continue;
    const other = options.get(file);
    if (other !== undefined) {
      refuse(
        'file-access',
        'EEXIST',
        `${other} and ${option} both write ${path}; give each a file of its own`,
      );
    }
    options.set(file, option);
    if (option !== REPORT) claimIfStandard(path);
  }
}

/** An identity that all names of an output share; undefined for pipes and devices, which many may write to. */
function identifyOutput(path: string): string | undefined {
  const destination = findDestination(path);
  if (destination.kind === 'stream') return undefined;
  if (destination.kind === 'descriptor') return `descriptor ${destination.descriptor}`;
  if (destination.status !== undefined) return `${destination.status.dev}:${destination.status.ino}`;
  return join(followFolder(dirname(destination.path)), basename(destination.path));
}

function followFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function claimIfStandard(path: string): boolean {
  const destination = findDestination(path);
  const isStandard = destination.kind === 'descriptor' && destination.descriptor === STDOUT;
  if (isStandard) claimStandardOutput();
  return isStandard;
}

/**
 * Refuses an output that is one of the inputs, or lies in a folder among them.
 *
 * @param inputs - undefined for those that were not given
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export function refuseInputs(path: string, inputs: readonly (string | undefined)[]): void {
  const output = identifyFile(path);
  if (output === undefined) return;
  for (const input of inputs) {
    if (input === undefined) continue;
    if (identifyFile(input) === output)
      refuse('file-access', 'EEXIST', `${path} is the same file as ${input}, an input of this command`);
    if (isWithin(path, input))
      refuse('file-access', 'EEXIST', `${path} is a file in ${input}, an input of this command`);
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(followFolder(folder), followFolder(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * An identity that all names of a file share, links included; undefined if there is no such file, or it is a device.
 */
function identifyFile(path: string): string | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined || status.isCharacterDevice() ? undefined : `${status.dev}:${status.ino}`;
  } catch {
    return undefined;
  }
}

/**
 * Refuses the path of a new file at which something is, other than a pipe or a device. A command calls it before it
 * works; `writeNewFile()` decides.
 *
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export function requireNew(path: string): void {
  if (claimIfStandard(path)) return;
  const destination = findDestination(path);
  if (destination.kind !== 'file') return;
  if (destination.status !== undefined || isLink(path))
    refuse('file-access', 'EEXIST', `${path} exists already`);
}
