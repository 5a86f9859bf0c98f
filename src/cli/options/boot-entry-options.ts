import { type Command, Option } from 'commander';
import type { ChosenEntry } from '../../boot-entry/boot-entry.js';
import { describeChoice } from '../../boot-entry/describe-choice.js';
import { joinCommandLine } from '../../machine/command-line.js';
import type { FileInput } from '../../node/files/file-input.js';
import type { LoadSettings } from '../../settings/load-settings.js';
import { buildChosenEntryJson } from '../../view/json/boot-entry-json.js';
import { line } from '../../view/text/printable.js';
import { printText } from '../terminal/output.js';
import type { LoadArguments } from './load-arguments.js';

/** The options that take a kernel from the boot loader's entries. */
export interface BootEntryCliOptions {
  readonly default?: boolean;
  readonly bootEntry?: string;
  readonly config?: string;
  readonly root?: string;
}

/** Adds the options to a command of which the kernel is optional. @param hasRoot - whether another root can be read */
export function addBootEntryOptions(command: Command, { hasRoot }: { readonly hasRoot: boolean }): Command {
  command
    .addOption(
      new Option(
        '--default',
        'take kernel, initrd and command line from the default boot entry, and [load] of the settings',
      ).conflicts(CONFLICTS),
    )
    .addOption(new Option('--boot-entry <name>', 'the same with a named entry').conflicts(CONFLICTS))
    .option('--config <file>', 'with --default: the settings (default: /etc/kexec-file.conf)');
  if (!hasRoot) return command;
  return command.option('--root <folder>', "with --default: the machine's root, such as a mounted image");
}

/** An entry brings its command line with it, and is for the next boot. */
const CONFLICTS = ['reuseCmdline', 'captureCmdline', 'captureRemove', 'panic'];

/** What a command loads: a kernel that was named, or that of a boot entry. */
export interface KernelChoice<Options> {
  readonly kernel: string;
  readonly initrd: FileInput | undefined;
  /** The name of the initrd, for people. */
  readonly initrdName: string | undefined;
  /** The options of the command line, and the settings where it has none. */
  readonly options: Options;
  readonly entry?: ChosenEntry;
}

/**
 * Chooses the kernel of a command that has {@link addBootEntryOptions}.
 *
 * @returns undefined if neither a kernel nor an entry is given
 * @throws CommanderError for both; KexecError as readSettings(), findBootMenu() and chooseEntry()
 */
export async function chooseKernel<Options extends LoadArguments & BootEntryCliOptions>(
  kernel: string | undefined,
  options: Options,
  command: Command,
): Promise<KernelChoice<Options> | undefined> {
  const flag = options.bootEntry === undefined ? '--default' : '--boot-entry';
  if (options.default !== true && options.bootEntry === undefined) {
    const alone = (['config', 'root'] as const).find((name) => options[name] !== undefined);
    if (alone !== undefined) {
      command.error(`error: --${alone} needs --default or --boot-entry`, { exitCode: 2 });
    }
    if (kernel === undefined) return undefined;
    return { kernel, initrd: options.initrd, initrdName: options.initrd, options };
  }
  if (kernel !== undefined) {
    command.error(`error: ${kernel} and ${flag} name two kernels; give one`, { exitCode: 2 });
  }
  return chooseByEntry(options, command);
}

/** For a command that cannot do without a kernel. */
export async function requireKernel<Options extends LoadArguments & BootEntryCliOptions>(
  kernel: string | undefined,
  options: Options,
  command: Command,
): Promise<KernelChoice<Options>> {
  const choice = await chooseKernel(kernel, options, command);
  return choice ?? command.error('error: give a kernel, or --default', { exitCode: 2 });
}

async function chooseByEntry<Options extends LoadArguments & BootEntryCliOptions>(
  options: Options,
  command: Command,
): Promise<KernelChoice<Options>> {
  const { readSettings, SETTINGS_PATH } = await import('../../node/settings/read-settings.js');
  const { readChosenEntry, readInitrds } = await import('../../node/boot-entry/read-chosen-entry.js');
  const { config = SETTINGS_PATH, root, bootEntry } = options;
  const { load: settings } = readSettings(config);
  const wanted = bootEntry ?? (options.default === true ? settings.entry : undefined);
  const by = bootEntry === undefined ? `entry in [load] of ${config}` : 'by --boot-entry';
  const entry = readChosenEntry(wanted === undefined ? undefined : { wanted, by }, root);
  const given = { ...options, ...mergeSettings(options, settings, command) };
  return {
    kernel: entry.kernel,
    initrd: options.initrd ?? readInitrds(entry.initrds),
    initrdName: options.initrd ?? (entry.initrds.length === 0 ? undefined : entry.initrds.join(' and ')),
    options: { ...given, ...chooseCommandLine(options, settings, entry) },
    entry,
  };
}

/** Where the command line of the program has no option, the setting counts. Revocations add up. */
function mergeSettings(
  { policy, cert, keyring, dbx, strict }: LoadArguments,
  settings: LoadSettings,
  command: Command,
): Partial<LoadArguments> & { readonly syscall?: LoadSettings['syscall'] } {
  const namesTrust = cert.length + keyring.length > 0;
  const hasSyscall = command.getOptionValueSource('syscall') === 'cli';
  return {
    policy: policy ?? settings.policy,
    cert: namesTrust ? cert : settings.certs,
    keyring: namesTrust ? keyring : settings.keyrings,
    dbx: [...dbx, ...settings.dbx],
    strict: strict ?? settings.strict,
    ...(hasSyscall ? {} : { syscall: settings.syscall }),
  };
}

/**
 * The command line: that of --command-line, or the entry's with what --append or the setting adds. A UKI keeps its own,
 * which its signature covers, unless there is something to add.
 */
function chooseCommandLine(
  { commandLine, append }: LoadArguments,
  settings: LoadSettings,
  entry: ChosenEntry,
): Pick<LoadArguments, 'append'> {
  const added = append ?? settings.append;
  const own = entry.commandLine;
  if (commandLine !== undefined || (added === undefined && entry.isUki === true)) return {};
  if (added === undefined) return own === undefined ? {} : { append: own };
  return { append: own === undefined ? added : joinCommandLine(own, added) };
}

/** Prints the entry that was chosen, why, and what kexec does in another way than the boot loader. */
export function printEntry(entry: ChosenEntry | undefined): void {
  if (entry === undefined) return;
  printText(line`${describeChoice(entry)}`);
  for (const note of entry.notes ?? []) printText(line`  note: ${note}`);
}

/** The field `bootEntry` of a report. */
export function buildEntryField(entry: ChosenEntry | undefined): {
  bootEntry?: ReturnType<typeof buildChosenEntryJson>;
} {
  return entry === undefined ? {} : { bootEntry: buildChosenEntryJson(entry) };
}
