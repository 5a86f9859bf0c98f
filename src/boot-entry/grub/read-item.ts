import { refuse } from '../../base/error.js';
import type { BootEntry } from '../boot-entry.js';
import type { EntryFiles } from '../entry-files.js';
import { locateFile } from '../mounts.js';
import { type GrubItem, type ScriptRun, SEARCHED, type StartCommand } from './run-script.js';

const LINUX: readonly string[] = ['linux', 'linuxefi', 'linux16'];
const INITRD: readonly string[] = ['initrd', 'initrdefi', 'initrd16'];

/**
 * What a menu entry of GRUB starts.
 *
 * @param run - where the script of the menu ended
 * @throws KexecError `EOPNOTSUPP`, check `boot-entry-form`, if it is no Linux or depends on what only GRUB knows;
 *   `boot-entry-file`
 */
export function readItem(files: EntryFiles, item: GrubItem, run: ScriptRun): BootEntry {
  const entry = run.fork();
  entry.run(item.body);
  const [doubtful] = entry.uncertainStarts;
  if (doubtful !== undefined) {
    refuse('boot-entry-form', 'EOPNOTSUPP', `GRUB decides at boot whether the entry runs "${doubtful}"`);
  }
  const other = entry.starts.find(({ name }) => ![...LINUX, ...INITRD, 'devicetree'].includes(name));
  if (other !== undefined) {
    refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      `the entry starts by "${other.name}": it is another system, or a hypervisor`,
    );
  }
  const linux = entry.starts.findLast(({ name }) => LINUX.includes(name));
  const [kernel, ...parameters] = linux?.words ?? [];
  if (linux === undefined || kernel === undefined) {
    return refuse('boot-entry-form', 'EOPNOTSUPP', 'the entry has no kernel: no command "linux"');
  }
  const initrd = entry.starts.findLast(({ name }) => INITRD.includes(name));
  const deviceTree = entry.starts.findLast(({ name }) => name === 'devicetree')?.words[0];
  for (const command of [linux, initrd]) requireKnown(command);
  const locate = (path: string, what: string): string =>
    locateFile(files, stripDevice(path), { near: item.source, what });
  return {
    kernel: locate(kernel, 'kernel'),
    initrds: (initrd?.words ?? []).map((path) => locate(path, 'initrd')),
    commandLine: parameters.map(quoteParameter).join(' '),
    deviceTree: deviceTree === undefined ? undefined : locate(deviceTree, 'device tree'),
  };
}

function requireKnown(command: StartCommand | undefined): void {
  const [variable] = command?.unknown ?? [];
  if (command === undefined || variable === undefined) return;
  refuse(
    'boot-entry-form',
    'EOPNOTSUPP',
    `the line "${command.name}" of the entry has the variable $${variable}, whose value only GRUB knows`,
  );
}

/** A path on the partition that GRUB found by search; a disk as GRUB counts disks has no name in Linux. */
function stripDevice(path: string): string {
  const found = /^\(([^)]*)\)(.*)$/s.exec(path);
  if (found === null) return path;
  if (found[1] === SEARCHED) return found[2] ?? '';
  return refuse('boot-entry-form', 'EOPNOTSUPP', `the entry names a disk as GRUB counts them: (${found[1]})`);
}

/** GRUB quotes a parameter with white space, and puts a backslash before quotes: grub_create_loader_cmdline(). */
function quoteParameter(parameter: string): string {
  const escaped = parameter.replaceAll(/[\\'"]/g, '\\$&');
  return /[ \t\n]/.test(parameter) ? `"${escaped}"` : escaped;
}
