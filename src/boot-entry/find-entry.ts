import { KexecError, refuse } from '../base/error.js';
import { findSimilar } from '../base/find-similar.js';
import { findBls } from './bls/find-bls.js';
import { readLoaderVariable } from './bls/loader-variables.js';
import type { BootMenu, ChosenEntry, ListedEntry } from './boot-entry.js';
import type { EntryFiles } from './entry-files.js';
import { findExtlinux } from './extlinux.js';
import { findGrub } from './grub/find-grub.js';
import { findInstalledKernels, findLinks } from './installed-kernels.js';
import { findRaspberryPi } from './raspberry-pi.js';

/**
 * Finds the menu of the boot loader of a machine. The boot loader that started the machine decides, if it said who it
 * is (EFI variable LoaderInfo); else the first configuration that exists: GRUB, extlinux, Raspberry Pi, Boot Loader
 * Specification, /etc/kernel/cmdline, Debian's links.
 *
 * @throws KexecError `ENOENT`, check `boot-entry`, if there is none; `boot-entry-form`, if its configuration is
 *   malformed: the next in the list is no substitute for the one that boots the machine
 */
export function findBootMenu(files: EntryFiles): BootMenu {
  const running = files.readText('/proc/cmdline')?.trimEnd();
  const hasSystemdBoot = readLoaderVariable(files, 'LoaderInfo')?.startsWith('systemd-boot') === true;
  const found =
    (hasSystemdBoot ? findBls(files) : undefined) ??
    findGrub(files) ??
    findExtlinux(files) ??
    findRaspberryPi(files, running) ??
    findBls(files) ??
    findInstalledKernels(files) ??
    findLinks(files, running);
  return (
    found ??
    refuse(
      'boot-entry',
      'ENOENT',
      'this machine has no configuration of a boot loader: no GRUB, no entries of the Boot Loader Specification, no extlinux.conf, no config.txt, no /etc/kernel/cmdline and no /vmlinuz',
    )
  );
}

/**
 * Chooses an entry of a menu.
 *
 * @param name - its name: ID, file name, title, position in GRUB's form `1>2`; the default entry if left out
 * @throws KexecError `ENOENT`, check `boot-entry`, for a name that is unknown; and what the entry cannot be loaded for
 */
export function chooseEntry(
  menu: BootMenu,
  name?: { readonly wanted: string; readonly by: string },
): ChosenEntry {
  const { entry, reason } =
    name === undefined ? findDefault(menu) : { entry: findNamed(menu, name.wanted), reason: name.by };
  const { id, title, source, starts } = entry;
  if (starts instanceof KexecError) throw starts.with(`entry ${id} of ${source}: ${starts.seen}`);
  return { ...starts, id, title, source, loader: menu.loader, reason };
}

/** What stands in the command lines of entries for rescue. */
const RESCUE = /(?:^|\s)(?:single|rescue|emergency|recovery|systemd\.unit=\S*)(?=\s|$)/;

/**
 * Finds the entry that starts an installed release, and not for rescue.
 *
 * @param release - as `uname -r` prints it
 * @returns the last one: GRUB's first is its simple entry, which becomes another kernel's when its menu is written again
 * @throws KexecError `ENOENT`, check `boot-entry`, if there is none
 */
export function findEntryOfRelease({ loader, entries }: BootMenu, release: string): ListedEntry {
  const found = entries.findLast(
    ({ starts }) =>
      !(starts instanceof KexecError) &&
      starts.kernel.endsWith(`-${release}`) &&
      starts.commandLine !== undefined &&
      !RESCUE.test(starts.commandLine),
  );
  return found ?? refuse('boot-entry', 'ENOENT', `${loader} has no entry that starts Linux ${release}`);
}

function findDefault(menu: BootMenu): { readonly entry: ListedEntry; readonly reason: string } {
  if (menu.default instanceof KexecError) throw menu.default;
  return menu.default;
}

function findNamed({ entries }: BootMenu, wanted: string): ListedEntry {
  const named = entries.filter(({ id }) => id === wanted);
  const found =
    named.length > 0 ? named : entries.filter(({ aliases, title }) => [...aliases, title].includes(wanted));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first !== undefined) {
    const ids = found.map(({ id }) => id).join(', ');
    return refuse(
      'boot-entry',
      'ENOENT',
      `the name ${JSON.stringify(wanted)} fits several boot entries: ${ids}`,
    );
  }
  const ids = entries.map(({ id }) => id);
  const similar = findSimilar(wanted, ids);
  const hint = similar.length > 0 ? `; did you mean ${similar.join(' or ')}?` : listSome(ids);
  return refuse('boot-entry', 'ENOENT', `there is no boot entry ${JSON.stringify(wanted)}${hint}`);
}

/** More names are no help in a message. */
const MAX_NAMED = 5;

function listSome(ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '';
  return `; there are ${ids.slice(0, MAX_NAMED).join(', ')}${more}`;
}
