/** The one rule for output files: none replaces a file unasked, and none replaces an input. */
import { accessSync, constants, existsSync, fstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { refuse } from '../../base/error.js';
import { requireName, tryAccess } from './access-error.js';
import { findDestination, isLink } from './destination.js';
import { claimStandardOutput, STDOUT } from './standard-descriptors.js';
import { isDash, nameInput, STDIN } from './standard-input.js';

/** The outputs of a command by their options: `--svg`; undefined for an option that was not given. */
export type Outputs = Readonly<Record<string, string | undefined>>;

/** What to do about an output that is an input. */
const OTHER_NAME = 'give the output another name: an input is never replaced';

/** The options whose report is printed on standard output, whatever else is. */
const REPORTS = ['--json', '--format'];

/** What an output may replace. */
export interface OutputOptions {
  /** Files and folders that were read: none of them, and nothing in them, is ever replaced. */
  readonly inputs?: readonly (string | undefined)[] | undefined;
  /** Whether an existing file is replaced, as `--force` does; its mode is kept. Without it, it is refused. */
  readonly overwrite?: boolean | undefined;
}

/**
 * Checks where a command will write, before it works: no two outputs are one file, none is an input, none replaces a
 * file unless that is wanted, and their folders exist. If one of them is standard output, reports go to standard error
 * from then on.
 *
 * @throws KexecError check `file-access`: `EEXIST`, or the system's errno.
 */
export function checkOutputs(outputs: Outputs, { inputs = [], overwrite = false }: OutputOptions): void {
  const options = new Map<string, string>();
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    requireName(path, `cannot write the file of ${option}`);
    refuseInputs(path, inputs);
    const file = identifyOutput(path);
    const other = file === undefined ? undefined : options.get(file);
    if (other !== undefined) {
      refuse('file-access', 'EEXIST', `${other} and ${option} both write ${path}`, {
        cure: 'give each a file of its own',
      });
    }
    if (!overwrite) refuseExisting(path);
    requirePlace(path);
    if (file === undefined) continue;
    options.set(file, option);
    if (!REPORTS.includes(option)) claimIfStandard(path);
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

function claimIfStandard(path: string): void {
  const destination = findDestination(path);
  if (destination.kind === 'descriptor' && destination.descriptor === STDOUT) claimStandardOutput();
}

/**
 * Refuses an output that is one of the inputs, or lies in a folder among them.
 *
 * @param inputs - undefined for those that were not given
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export function refuseInputs(path: string, inputs: readonly (string | undefined)[]): void {
  if (isDash(path)) return;
  const output = identify(() => statSync(path, { throwIfNoEntry: false }));
  if (output === undefined) return;
  for (const input of inputs) {
    if (input === undefined) continue;
    if (identify(() => statInput(input)) === output)
      refuse(
        'file-access',
        'EEXIST',
        `${path} is the same file as ${nameInput(input)}, an input of this command`,
        { cure: OTHER_NAME },
      );
    if (!isDash(input) && isWithin(path, input))
      refuse('file-access', 'EEXIST', `${path} is a file in ${input}, an input of this command`, {
        cure: OTHER_NAME,
      });
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(followFolder(folder), followFolder(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * An identity that all names of a file share, links included; undefined if there is no such file, or it is a device.
 *
 * @param stat - throws, or returns undefined, if there is no such file
 */
function identify(stat: () => Stats | undefined): string | undefined {
  try {
    const status = stat();
    return status === undefined || status.isCharacterDevice() ? undefined : `${status.dev}:${status.ino}`;
  } catch {
    return undefined;
  }
}

/** The status of what an input reads, which may be a file that is redirected to standard input. */
function statInput(path: string): Stats | undefined {
  return isDash(path) ? fstatSync(STDIN) : statSync(path, { throwIfNoEntry: false });
}

/**
 * Refuses the path of an output at which something is, other than a pipe or a device. A link that leads nowhere counts:
 * the link may be another user's.
 *
 * @throws KexecError `EEXIST`, check `file-access`.
 */
export function refuseExisting(path: string): void {
  const destination = findDestination(path);
  if (destination.kind !== 'file' || destination.status?.isDirectory() === true) return;
  if (destination.status !== undefined || isLink(path)) refuseReplacement(path);
}

/** @throws KexecError `EEXIST`, check `file-access`, always. */
export function refuseReplacement(path: string): never {
  refuse('file-access', 'EEXIST', `${path} exists; --force replaces it`, {
    cure: 'give the output another name, or give --force',
  });
}

/** Refuses a folder as an output, and a file in a folder that is missing or not writable. */
function requirePlace(path: string): void {
  const destination = findDestination(path);
  if (destination.kind !== 'file') return;
  if (destination.status?.isDirectory() === true)
    refuse('file-access', 'EISDIR', `cannot write ${path}: it is a folder`, {
      cure: `give a file, such as ${join(path, 'NAME')}`,
    });
  const folder = dirname(destination.path);
  if (!existsSync(folder))
    refuse('file-access', 'ENOENT', `cannot write ${path}: there is no folder ${folder}`, {
      cure: 'make the folder first, or check its name',
    });
  tryAccess(`cannot write ${path}`, () => accessSync(`${folder}/.`, constants.W_OK | constants.X_OK));
}
