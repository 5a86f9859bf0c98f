import { attempt, KexecError, refuse } from '../base/error.js';
import type { BootEntry, BootMenu, DefaultEntry, ListedEntry } from './boot-entry.js';
import { checkEntryCount, type EntryFiles } from './entry-files.js';
import { joinPath, locateFile } from './mounts.js';

const PATHS = [
  '/boot/extlinux/extlinux.conf',
  '/extlinux/extlinux.conf',
  '/boot/firmware/extlinux/extlinux.conf',
] as const;

/** A label of extlinux.conf. */
interface Label {
  readonly name: string;
  title?: string;
  kernel?: string;
  initrd?: string | undefined;
  append?: string;
  deviceTree?: string;
  deviceTreeFolder?: string;
  overlays?: string;
  /** `localboot`: U-Boot goes on with something else. */
  isLocal?: boolean;
}

interface Extlinux {
  readonly labels: Label[];
  default?: string;
}

/**
 * Finds the entries of extlinux.conf, and the default one as U-Boot chooses it (boot/pxe_utils.c).
 *
 * @returns undefined if there is no such file
 */
export function findExtlinux(files: EntryFiles): BootMenu | undefined {
  for (const path of PATHS) {
    const text = files.readText(path);
    if (text === undefined) continue;
    const { labels, default: chosen } = parseExtlinux(text);
    checkEntryCount(labels.length, path);
    const entries = labels.map((label): ListedEntry => {
      const starts = attempt(() => readLabel(files, label, path));
      return { id: label.name, aliases: [], title: label.title, source: path, starts };
    });
    return { loader: 'extlinux', entries, default: attempt(() => chooseDefault(entries, chosen, path)) };
  }
  return undefined;
}

/** Keywords are compared without case, and white space around them is ignored; unknown ones are skipped. */
function parseExtlinux(text: string): Extlinux {
  const found: Extlinux = { labels: [] };
  for (const line of text.split('\n')) {
    const [, keyword = '', value = ''] = /^\s*([^\s#]\S*)\s*(.*?)\s*$/.exec(line) ?? [];
    const label = found.labels.at(-1);
    readKeyword(found, label, { keyword: keyword.toLowerCase(), value });
  }
  return found;
}

function readKeyword(
  found: Extlinux,
  label: Label | undefined,
  { keyword, value }: { readonly keyword: string; readonly value: string },
): void {
  if (keyword === 'default' || keyword === 'ontimeout') found.default = value;
  else if (keyword === 'label') found.labels.push({ name: value });
  else if (keyword === 'include')
    refuse('boot-entry-form', 'EOPNOTSUPP', `extlinux.conf includes another file: ${value}`);
  else if (label !== undefined) readLabelKeyword(found, label, { keyword, value });
}

function readLabelKeyword(
  found: Extlinux,
  label: Label,
  { keyword, value }: { readonly keyword: string; readonly value: string },
): void {
  switch (keyword) {
    case 'menu': {
      const [, what = '', text = ''] = /^(\S+)\s*(.*)$/.exec(value) ?? [];
      if (what.toLowerCase() === 'default') found.default = label.name;
      if (what.toLowerCase() === 'label') label.title = text.replaceAll('^', '');
      break;
    }
    case 'kernel':
    case 'linux':
    case 'fit':
      label.kernel = value;
      break;
    case 'initrd':
      label.initrd = value;
      break;
    case 'append':
      label.append = value;
      // U-Boot takes the initrd out of the command line, if it was not named before.
      label.initrd ??= /(?:^|\s)initrd=(\S+)/.exec(value)?.[1];
      break;
    case 'fdt':
    case 'devicetree':
      label.deviceTree = value;
      break;
    case 'fdtdir':
    case 'devicetreedir':
      label.deviceTreeFolder = value;
      break;
    case 'fdtoverlays':
    case 'devicetree-overlay':
      label.overlays = value;
      break;
    case 'localboot':
      label.isLocal = true;
      break;
    default:
  }
}

function readLabel(files: EntryFiles, label: Label, path: string): BootEntry {
  const { name, kernel, initrd, append = '', deviceTree, deviceTreeFolder, overlays, isLocal } = label;
  if (isLocal === true || kernel === undefined) {
    refuse('boot-entry-form', 'EOPNOTSUPP', `the label ${name} has no kernel: no line "linux" or "kernel"`);
  }
  const variable = /\$\{[^}]*\}/.exec(append)?.[0];
  if (variable !== undefined) {
    refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      `its command line has the variable ${variable}, whose value only U-Boot knows`,
    );
  }
  const locate = (file: string, what: string): string =>
    locateFile(files, toPath(file, path), { near: path, what });
  const [file = '', configuration] = kernel.split('#');
  const located = locate(file, 'kernel');
  const tree = deviceTree === undefined ? undefined : attempt(() => locate(deviceTree, 'device tree'));
  return {
    kernel: configuration === undefined ? located : `${located}#${configuration}`,
    initrds: initrd === undefined ? [] : [locate(initrd, 'initrd')],
    commandLine: append,
    deviceTree: tree instanceof KexecError ? undefined : tree,
    notes: [
      ...(deviceTreeFolder === undefined
        ? []
        : [`U-Boot chooses a device tree in ${deviceTreeFolder}; the running one is used`]),
      ...(overlays === undefined ? [] : [`the entry's device tree overlays are not applied: ${overlays}`]),
    ],
  };
}

/** A path that does not begin with a slash counts from the folder of the file that names it. */
function toPath(file: string, path: string): string {
  return file.startsWith('/') ? file : joinPath(path.replace(/\/[^/]*$/, ''), file);
}

/** U-Boot tries the labels in order if there is no default, or none of that name. */
function chooseDefault(
  entries: readonly ListedEntry[],
  wanted: string | undefined,
  path: string,
): DefaultEntry {
  const entry = entries.find(({ id }) => id === wanted);
  if (entry !== undefined) return { entry, reason: `default in ${path}` };
  const [first] = entries;
  if (first === undefined) return refuse('boot-entry', 'ENOENT', `${path} has no label`);
  const why = wanted === undefined ? '' : `: its default, ${wanted}, does not exist`;
  return { entry: first, reason: `first in ${path}${why}` };
}
