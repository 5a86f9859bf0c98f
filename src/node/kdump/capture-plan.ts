import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../base/error.js';
import { buildServiceCommandLine } from '../../kdump/service-command-line.js';
import { SAVE_UNIT, UNIT_FOLDERS } from '../../kdump/service-units.js';
import { findRoot, needsInitrd } from '../../machine/root-device.js';
import type { Settings } from '../../settings/settings.js';
import { readText } from '../files/read-file.js';
import type { LiveLoad } from '../live/load-request.js';
import { readRunningKernel } from '../plan/read-running.js';
import { type CaptureFiles, findCaptureFiles } from './find-capture-files.js';

/** What the service loads: files and command line. */
export interface CapturePlan extends CaptureFiles {
  readonly commandLine: string;
  /** The load of it, by the settings. */
  readonly load: LiveLoad;
}

/**
 * Decides what the service loads on this machine, by the settings. Of the files, only the names are needed.
 *
 * @param root - the root of the file system; a folder in a test
 * @throws KexecError `ENOENT`, check `kdump-files` or `kdump-unit`; `command-line`; `file-access`.
 */
export function planCapture(settings: Settings, root = '/'): CapturePlan {
  const { kdump } = settings;
  const release = readText(join(root, 'proc/sys/kernel/osrelease')).trim();
  const files = findCaptureFiles(kdump, release, root);
  // An initrd that the administrator built may save by itself, before there is a root.
  if (kdump.initrd === undefined) requireSaveUnit(root);
  const { commandLine: running, ...machine } = readRunningKernel(root);
  const commandLine = buildServiceCommandLine(running, {
    ...machine,
    remove: kdump.remove,
    append: kdump.append,
    endsInShell: kdump.after === 'shell',
  });
  // A kernel that the administrator chose may have an initrd of its own.
  if (kdump.kernel === undefined) requireInitrd(files, commandLine, release);
  return { ...files, commandLine, load: buildLoad(files, commandLine, settings) };
}

function buildLoad(
  { kernel, initrd }: CaptureFiles,
  commandLine: string,
  { kdump, load }: Settings,
): LiveLoad {
  const {
    policy = load.policy,
    certs = load.certs,
    keyrings = load.keyrings,
    dbx = load.dbx,
    syscall = load.syscall,
  } = kdump;
  return {
    kernel,
    initrd,
    options: { type: 'crash', commandLine },
    syscall,
    policy,
    trust: { certs, keyrings, dbx },
    needsPrediction: true,
  };
}

/** Finds the path of the unit that saves; undefined if it is not installed. */
export function findSaveUnit(root = '/'): string | undefined {
  return UNIT_FOLDERS.map((folder) => `${folder}/${SAVE_UNIT}`).find((path) => existsSync(join(root, path)));
}

function requireSaveUnit(root: string): void {
  if (findSaveUnit(root) === undefined)
    refuse('kdump-unit', 'ENOENT', `${SAVE_UNIT} is not installed in ${UNIT_FOLDERS.join(', ')}`);
}

function requireInitrd({ initrd }: CaptureFiles, commandLine: string, release: string): void {
  const root = findRoot(commandLine);
  if (initrd !== undefined || (root !== undefined && !needsInitrd(root))) return;
  const which =
    root === undefined ? 'there is no root= on the command line' : `only an initrd finds root=${root}`;
  refuse('kdump-files', 'ENOENT', `there is no initrd of ${release} in /boot, and ${which}`, {
    cure: `build the initrd of ${release} (Debian: update-initramfs -c -k ${release}; Fedora: dracut --kver ${release}), or name one in /etc/kexec-file.conf: [kdump] initrd = "/…"`,
  });
}
