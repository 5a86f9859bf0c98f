import { attempt, refuse } from '../base/error.js';
import { parseKernelParameters } from '../machine/command-line.js';
import type { BootEntry, BootMenu, ListedEntry } from './boot-entry.js';
import type { EntryFiles } from './entry-files.js';
import { joinPath } from './mounts.js';

/** Where the partition of the firmware is mounted: since 2023, and before. */
const FOLDERS = ['/boot/firmware', '/boot'] as const;

/** What config.txt says about the kernel: Raspberry Pi documentation, "config.txt", "Boot options". */
interface Config {
  kernel?: string;
  commandLine?: string;
  /** Files of `initramfs`, and whether it follows the kernel, which is the usual place. */
  initramfs?: string[];
  hasAutoInitramfs?: boolean;
  prefix?: string;
}

/** Models by the names of their filters in config.txt; a model has the filters of its generation, too. */
const MODELS: readonly { readonly filter: string; readonly model: RegExp }[] = [
  { filter: 'pi5', model: /Raspberry Pi (5|500|Compute Module 5)/ },
  { filter: 'pi500', model: /Raspberry Pi 500/ },
  { filter: 'cm5', model: /Compute Module 5/ },
  { filter: 'pi4', model: /Raspberry Pi (4|400|Compute Module 4)/ },
  { filter: 'pi400', model: /Raspberry Pi 400/ },
  { filter: 'cm4', model: /Compute Module 4(?!S)/ },
  { filter: 'cm4s', model: /Compute Module 4S/ },
  { filter: 'pi3', model: /Raspberry Pi (3|Compute Module 3)/ },
  { filter: 'pi3+', model: /Raspberry Pi 3 Model [AB] Plus/ },
  { filter: 'pi02', model: /Raspberry Pi Zero 2/ },
  { filter: 'pi0w', model: /Raspberry Pi Zero W/ },
  { filter: 'pi2', model: /Raspberry Pi 2/ },
  { filter: 'pi1', model: /Raspberry Pi (Model|Compute Module Rev)/ },
  { filter: 'pi0', model: /Raspberry Pi Zero/ },
];

/** The keys that decide what starts. */
const KEYS: readonly string[] = ['kernel', 'cmdline', 'initramfs', 'auto_initramfs', 'os_prefix'];

/**
 * Finds what the firmware of a Raspberry Pi starts by config.txt and cmdline.txt.
 *
 * @returns undefined if this machine is none, or has no config.txt
 */
export function findRaspberryPi(files: EntryFiles, running: string | undefined): BootMenu | undefined {
  const model = files.readText('/proc/device-tree/model')?.replace(/\0.*$/s, '');
  if (model === undefined || !model.startsWith('Raspberry Pi')) return undefined;
  const folder = FOLDERS.find((each) => files.isFile(joinPath(each, 'config.txt')));
  if (folder === undefined) return undefined;
  const path = joinPath(folder, 'config.txt');
  const starts = attempt(() => readStart(files, { folder, model, running }));
  const entry: ListedEntry = { id: 'config.txt', aliases: [], title: model, source: path, starts };
  return {
    loader: 'Raspberry Pi firmware',
    entries: [entry],
    default: { entry, reason: `the firmware starts it by ${path}` },
  };
}

interface Board {
  readonly folder: string;
  readonly model: string;
  /** The running kernel's command line, in which the firmware has named the console. */
  readonly running: string | undefined;
}

function readStart(files: EntryFiles, { folder, model, running }: Board): BootEntry {
  const config = parseConfig(files, joinPath(folder, 'config.txt'), model);
  const { prefix = '', commandLine: name = 'cmdline.txt' } = config;
  const at = (file: string): string => joinPath(folder, `${prefix}${file}`);
  const kernel = config.kernel ?? chooseKernel(files, at, model);
  if (!files.isFile(at(kernel))) {
    refuse('boot-entry-file', 'ENOENT', `the kernel of the entry is missing: there is no ${at(kernel)}`);
  }
  const initrds = listInitramfs(files, config, { kernel, at });
  for (const initrd of initrds) {
    if (!files.isFile(initrd)) {
      refuse('boot-entry-file', 'ENOENT', `the initrd of the entry is missing: there is no ${initrd}`);
    }
  }
  const text = files.readText(at(name));
  if (text === undefined)
    refuse('boot-entry-file', 'ENOENT', `the command line is missing: there is no ${at(name)}`);
  const [line = ''] = text.split('\n');
  return {
    kernel: at(kernel),
    initrds,
    commandLine: nameConsole(line.trim(), running),
    notes: [
      'parameters that the firmware adds to cmdline.txt are not in the command line (--append adds them)',
    ],
  };
}

/** The firmware's choice for 64-bit kernels; this program loads no others. */
function chooseKernel(files: EntryFiles, at: (file: string) => string, model: string): string {
  const isPi5 = MODELS[0]?.model.test(model) === true;
  return isPi5 && files.isFile(at('kernel_2712.img')) ? 'kernel_2712.img' : 'kernel8.img';
}

function listInitramfs(
  files: EntryFiles,
  { initramfs, hasAutoInitramfs }: Config,
  { kernel, at }: { readonly kernel: string; readonly at: (file: string) => string },
): string[] {
  if (initramfs !== undefined) return initramfs.map(at);
  if (hasAutoInitramfs !== true) return [];
  const suffix = /^kernel(.*)\.img$/.exec(kernel)?.[1];
  if (suffix === undefined) {
    return refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      `only the firmware knows which initramfs belongs to the kernel ${kernel}`,
      {
        cure: 'name it in config.txt: initramfs FILE followkernel',
      },
    );
  }
  const path = at(`initramfs${suffix}`);
  return files.isFile(path) ? [path] : [];
}

/** Lines of more included files are refused. */
const MAX_INCLUDES = 16;

function parseConfig(files: EntryFiles, path: string, model: string): Config {
  const config: Config = {};
  const lines = [...readConfigLines(files, path, { left: MAX_INCLUDES })];
  let applies: boolean | undefined = true;
  let filter = 'all';
  for (const line of lines) {
    const section = /^\[([^\]]*)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      filter = section;
      applies = answerFilter(section.toLowerCase(), model, applies);
      continue;
    }
    const found = /^(initramfs)\s+(.*)$/.exec(line) ?? /^([a-z_0-9]+)\s*=\s*(.*)$/.exec(line);
    const [, key = '', value = ''] = found ?? [];
    if (!KEYS.includes(key) || applies === false) continue;
    if (applies === undefined) {
      refuse(
        'boot-entry-form',
        'EOPNOTSUPP',
        `${path}: only the firmware knows whether ${key} counts, under [${filter}]`,
      );
    }
    applyKey(config, key, value);
  }
  return config;
}

function applyKey(config: Config, key: string, value: string): void {
  if (key === 'kernel') config.kernel = value;
  else if (key === 'cmdline') config.commandLine = value;
  else if (key === 'os_prefix') config.prefix = value;
  else if (key === 'auto_initramfs') config.hasAutoInitramfs = value !== '0';
  else config.initramfs = (value.split(/\s+/)[0] ?? '').split(',').filter((name) => name !== '');
}

/** The lines of a file, and of those that it includes, without comments. */
function* readConfigLines(files: EntryFiles, path: string, bound: { left: number }): Generator<string> {
  for (const line of (files.readText(path) ?? '').split('\n')) {
    const text = line.replace(/#.*$/, '').trim();
    const included = /^include\s+(\S+)$/.exec(text)?.[1];
    if (included === undefined) {
      if (text !== '') yield text;
      continue;
    }
    bound.left -= 1;
    if (bound.left < 0)
      refuse('boot-entry-form', 'EFBIG', `${path} includes more than ${MAX_INCLUDES} files`);
    yield* readConfigLines(files, joinPath(path.replace(/\/[^/]*$/, ''), included), bound);
  }
}

/**
 * Whether the lines below a filter count: Raspberry Pi documentation, "Conditional filters".
 *
 * @param before - the answer of the filters before it, which those of other kinds are combined with
 * @returns undefined if only the firmware knows
 */
function answerFilter(filter: string, model: string, before: boolean | undefined): boolean | undefined {
  if (filter === 'all') return true;
  if (filter === 'none') return false;
  const known = MODELS.find((each) => each.filter === filter);
  if (known !== undefined) return known.model.test(model);
  // A kexec starts the installed system, never the one on trial.
  if (filter === 'tryboot') return false;
  // Serial numbers, displays, pins, partitions: they narrow down what the filters before them let through.
  return before === false ? false : undefined;
}

/** The firmware replaces serial0, a name of its own, by that of the UART: what it chose for the running kernel. */
function nameConsole(line: string, running: string | undefined): string {
  if (!/(^|\s)console=serial[01]\b/.test(line)) return line;
  const named = parseKernelParameters(running ?? '').find(
    ({ name, value }) => name === 'console' && /^tty(S|AMA)\d/.test(value ?? ''),
  );
  const device = named?.value?.replace(/,.*$/, '');
  if (device === undefined) {
    return refuse(
      'boot-entry-form',
      'EOPNOTSUPP',
      'cmdline.txt has console=serial0, and the running command line has no UART',
      {
        cure: 'write the name of the UART in cmdline.txt, such as console=ttyAMA0,115200',
      },
    );
  }
  return line.replaceAll(/((?:^|\s)console=)serial[01]\b/g, (_, start: string) => `${start}${device}`);
}
