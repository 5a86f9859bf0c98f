import { attempt, KexecError, refuse } from '../../base/error.js';
import { parseEntryFileName, parseType1Entry } from '../bls/type1-entry.js';
import type { BootMenu, DefaultEntry, ListedEntry } from '../boot-entry.js';
import { compareVersions } from '../compare-versions.js';
import { checkEntryCount, type EntryFiles, listBySuffix } from '../entry-files.js';
import { joinPath } from '../mounts.js';
import { parseScript } from './grub-script.js';
import { parseGrubenv } from './grubenv.js';
import { readItem } from './read-item.js';
import { type GrubItem, type ScriptHost, ScriptRun, UNCERTAIN } from './run-script.js';
import { Variables } from './variables.js';

/** Where the configuration is that names kernels; a grub.cfg on the EFI partition often only leads there. */
const FOLDERS = ['/boot/grub', '/boot/grub2'] as const;

/** Where the command blscfg looks for entries. */
const BLS_FOLDER = '/boot/loader/entries';

/** What GRUB can do: GNU GRUB manual, "feature_*"; scripts ask for it. */
const FEATURES = [
  'chainloader_bpb',
  'ntldr',
  'platform_search_hint',
  'default_font_path',
  'all_video_module',
  'menuentry_id',
  'menuentry_options',
  '200_final',
  'nativedisk_cmd',
  'timeout_style',
];

/**
 * Finds the entries of GRUB's menu, and the default one as GRUB chooses it.
 *
 * @returns undefined if there is no configuration of GRUB
 * @throws KexecError check `boot-entry-form`, if the configuration is malformed
 */
export function findGrub(files: EntryFiles): BootMenu | undefined {
  const folder = FOLDERS.find((each) => files.isFile(joinPath(each, 'grub.cfg')));
  if (folder === undefined) return undefined;
  const path = joinPath(folder, 'grub.cfg');
  const script = files.readText(path);
  if (script === undefined) return undefined;
  const read = attempt(() => {
    const run = new ScriptRun(startVariables(files, folder), buildHost(files, folder, path));
    run.run(parseScript(script));
    return run;
  });
  if (read instanceof KexecError) throw read.with(`${path}: ${read.seen}`);
  const menu = listMenu(files, read, { parent: undefined, depth: 0 });
  checkEntryCount(menu.length, path);
  return {
    loader: 'GRUB',
    entries: menu.flatMap(listEntries),
    default: attempt(() =>
      chooseDefault(menu, read.variables, { path, environment: readEnvironment(files, folder) }),
    ),
  };
}

function startVariables(files: EntryFiles, folder: string): Variables {
  const hasEfi = files.listFolder('/sys/firmware/efi').length > 0;
  const cpu = files.architecture === 'aa64' ? 'arm64' : files.architecture === 'x64' ? 'x86_64' : undefined;
  const noEfi = files.architecture === 'x64' ? 'pc' : 'uboot';
  return new Variables(
    [
      ['prefix', folder],
      ['config_directory', folder],
      ['grub_platform', hasEfi ? 'efi' : noEfi],
      ...(cpu === undefined ? [] : [['grub_cpu', cpu] as const]),
      ...FEATURES.map((name) => [`feature_${name}`, 'y'] as const),
    ],
    ['cmdpath', 'root', 'net_default_ip', ...(cpu === undefined ? ['grub_cpu'] : [])],
  );
}

function buildHost(files: EntryFiles, folder: string, path: string): ScriptHost {
  const isHere = (name: string): boolean => name.startsWith(`${folder}/`);
  return {
    isFile: (name) => (isHere(name) ? files.isFile(name) : undefined),
    readText: (name) => (isHere(name) ? files.readText(name) : undefined),
    readEnvironment: (name = joinPath(folder, 'grubenv')) =>
      isHere(name) ? parseGrubenv(files.readText(name) ?? '') : new Map(),
    listBls: () => listBlsItems(files),
    source: path,
  };
}

function readEnvironment(files: EntryFiles, folder: string): ReadonlyMap<string, string> {
  return parseGrubenv(files.readText(joinPath(folder, 'grubenv')) ?? '');
}

/** The items that blscfg makes of entries of the Boot Loader Specification: the newest name first. */
function listBlsItems(files: EntryFiles): GrubItem[] {
  return listBySuffix(files, BLS_FOLDER, '.conf')
    .map((file) => ({ file, name: parseEntryFileName(file).name }))
    .toSorted((a, b) => compareVersions(b.name, a.name))
    .flatMap(({ file, name }) => {
      const {
        title = name,
        linux,
        initrds,
        options,
        deviceTree,
      } = parseType1Entry(files.readText(joinPath(BLS_FOLDER, file)) ?? '');
      if (linux === undefined) return [];
      const parameters = options.length === 0 ? '$default_kernelopts' : options.join(' ');
      const lines = [
        `linux ${linux} ${parameters}`,
        ...(initrds.length === 0 ? [] : [`initrd ${initrds.join(' ')}`]),
        ...(deviceTree === undefined ? [] : [`devicetree ${deviceTree}`]),
      ];
      const body = parseScript(lines.join('\n'));
      return [{ title, id: name, body, isSubmenu: false, source: joinPath(BLS_FOLDER, file) }];
    });
}

/** An item with its names, or a place where the menu is uncertain. */
type MenuItem = KnownItem | typeof UNCERTAIN;

interface KnownItem {
  readonly item: GrubItem;
  readonly listed: ListedEntry;
  readonly inner: readonly MenuItem[];
}

/** Submenus within submenus. */
const MAX_DEPTH = 8;

interface Place {
  /** How the submenu is named. */
  readonly parent:
    | { readonly id: string; readonly title: string; readonly index: string | undefined }
    | undefined;
  readonly depth: number;
}

function listMenu(files: EntryFiles, run: ScriptRun, { parent, depth }: Place): MenuItem[] {
  if (depth > MAX_DEPTH)
    refuse('boot-entry-form', 'EFBIG', `more than ${MAX_DEPTH} submenus are in each other`);
  let index: number | undefined = 0;
  return run.items.map((item): MenuItem => {
    if (item === UNCERTAIN) {
      // From here on, only GRUB knows how many entries come before one.
      index = undefined;
      return UNCERTAIN;
    }
    const hasIndex = index !== undefined && (parent === undefined || parent.index !== undefined);
    const position = hasIndex
      ? [parent?.index, index].filter((each) => each !== undefined).join('>')
      : undefined;
    if (index !== undefined) index += 1;
    const name = item.id ?? item.title;
    const id = parent === undefined ? name : `${parent.id}>${name}`;
    const title = parent === undefined ? item.title : `${parent.title}>${item.title}`;
    const aliases = [title, name, item.title, ...(position === undefined ? [] : [position])];
    const inner = item.isSubmenu
      ? listInner(files, item, run, { parent: { id, title, index: position }, depth: depth + 1 })
      : [];
    const starts = item.isSubmenu
      ? new KexecError('boot-entry-form', 'EOPNOTSUPP', 'it is a submenu, in which GRUB waits for a choice')
      : attempt(() => readItem(files, item, run));
    return { item, inner, listed: { id, aliases, title: item.title, source: item.source, starts } };
  });
}

function listInner(files: EntryFiles, item: GrubItem, run: ScriptRun, place: Place): MenuItem[] {
  const inner = run.fork();
  inner.run(item.body);
  return listMenu(files, inner, place);
}

function listEntries(item: MenuItem): ListedEntry[] {
  if (item === UNCERTAIN) return [];
  return item.item.isSubmenu ? item.inner.flatMap(listEntries) : [item.listed];
}

/** Where a menu was read from. */
interface MenuSource {
  readonly path: string;
  /** GRUB's environment block. */
  readonly environment: ReadonlyMap<string, string>;
}

/** GRUB's `get_entry_number()` and `get_and_remove_first_entry_number()`. */
function chooseDefault(menu: readonly MenuItem[], variables: Variables, source: MenuSource): DefaultEntry {
  const { path } = source;
  const wanted = variables.get('default');
  if (wanted === undefined) {
    return refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      `${path}: only GRUB knows the value of its variable "default"`,
    );
  }
  const how = nameChooser(wanted, source);
  if (wanted === '') return { entry: pickFirst(menu, path), reason: `first of ${path}` };
  const [first = '', ...others] = wanted.split('>');
  let item = pick(menu, first, path);
  if (item === undefined) {
    // GRUB's run_menu() takes entry 0 in place of one that does not exist.
    const missing = `${how} names ${JSON.stringify(wanted)}, which does not exist`;
    return { entry: pickFirst(menu, path), reason: `first of ${path}: ${missing}` };
  }
  for (const part of others) {
    item = pick(item.inner, part, path);
    if (item === undefined) {
      return refuse(
        'boot-entry',
        'ENOENT',
        `${how} names ${JSON.stringify(wanted)}, and ${path} has no such entry`,
      );
    }
  }
  return { entry: item.listed, reason: `default by ${how}` };
}

/** What gave a menu its default: a variable of the environment block, which scripts prefer, or the script itself. */
function nameChooser(wanted: string, { path, environment }: MenuSource): string {
  const name = ['next_entry', 'saved_entry'].find((each) => environment.get(each) === wanted);
  return name === undefined ? path : `${name} of GRUB's environment block`;
}

function pickFirst(menu: readonly MenuItem[], path: string): ListedEntry {
  const item = pick(menu, '0', path);
  return item === undefined ? refuse('boot-entry', 'ENOENT', `${path} has no menu entry`) : item.listed;
}

/** An item by its position, ID or title. @throws KexecError if only GRUB knows which one has that position */
function pick(menu: readonly MenuItem[], name: string, path: string): KnownItem | undefined {
  if (!/^\d+$/.test(name)) return menu.find((item) => isNamed(item, name)) as KnownItem | undefined;
  const before = menu.slice(0, Number(name) + 1);
  if (before.includes(UNCERTAIN)) {
    refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      `${path}: GRUB decides at boot which entries it has, so only GRUB knows number ${name}`,
    );
  }
  return before[Number(name)] as KnownItem | undefined;
}

function isNamed(item: MenuItem, name: string): boolean {
  return item !== UNCERTAIN && (item.item.id === name || item.item.title === name);
}
