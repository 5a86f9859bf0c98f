/** The kdump tools that are installed on a machine, as its collected files say it. */
import { refuse } from '../base/error.js';
import { parseKdumpConf } from '../formats/kdump-conf.js';
import { parseAssignments } from '../formats/shell-assignments.js';
import type { Collected } from './collected.js';

/** Services that load a crash kernel at boot: of kexec-file; kdump-tools (Debian, Ubuntu); kdump-utils (Fedora, RHEL). */
export const KDUMP_UNITS = ['kexec-file-kdump.service', 'kdump-tools.service', 'kdump.service'] as const;

/** The name of such a service. */
export type KdumpUnit = (typeof KDUMP_UNITS)[number];

/** Targets that these services are wanted by; kdump-tools' is wanted by basic.target. */
const TARGETS = ['multi-user.target', 'basic.target'] as const;

/** Links that systemctl enable makes: a service is enabled if one of them exists (systemd.unit(5)). */
export const KDUMP_UNIT_LINKS: readonly string[] = TARGETS.flatMap((target) =>
  KDUMP_UNITS.map((unit) => `/etc/systemd/system/${target}.wants/${unit}`),
);

/** Where makedumpfile is installed, in the order in which kdump-tools looks for it. */
export const MAKEDUMPFILE_PATHS = [
  '/bin/makedumpfile',
  '/usr/bin/makedumpfile',
  '/sbin/makedumpfile',
  '/usr/sbin/makedumpfile',
] as const;

/** The text before the version in the program itself; `makedumpfile -v` prints both. */
export const MAKEDUMPFILE_MARK = 'makedumpfile: version ';

/**
 * The settings that are recorded, by their file. Others are not, because they may be secret: FTP_PASSWORD, and commands.
 */
export const KDUMP_SETTING_NAMES = {
  /** Of kdump-tools, `/etc/default/kdump-tools`: assignments that a shell reads. */
  kdumpToolsSettings: [
    'USE_KDUMP',
    'KDUMP_KERNEL',
    'KDUMP_INITRD',
    'KDUMP_COREDIR',
    'KDUMP_COMPRESSION',
    'KDUMP_CMDLINE_APPEND',
    'MAKEDUMP_ARGS',
    'HOSTTAG',
    'NFS',
    'FTP',
    'SSH',
  ],
  /** Of kdump-utils, `/etc/kdump.conf`: lines of an option and its value. */
  kdumpConf: [
    'core_collector',
    'path',
    'raw',
    'nfs',
    'ssh',
    'ext2',
    'ext3',
    'ext4',
    'xfs',
    'btrfs',
    'minix',
    'virtiofs',
    'failure_action',
    'default',
  ],
  /** Of kdump-utils, `/etc/sysconfig/kdump`: assignments that a shell reads. */
  kdumpSysconfig: ['KDUMP_COMMANDLINE_APPEND'],
} as const;

/** Settings by their names. */
export type KdumpSettingValues = Readonly<Record<string, string>>;

/** The program makedumpfile. */
export interface Makedumpfile {
  readonly path: string;
  /** The file that the path leads to. */
  readonly file?: string;
  /** Its version, such as `1.7.6`, as its own text says it. */
  readonly version?: string;
}

/** The kdump tools of a machine. What is not there is not installed. */
export interface KdumpTools {
  /** The services that are enabled. */
  readonly units: readonly KdumpUnit[];
  readonly makedumpfile?: Makedumpfile;
  /** `/etc/default/kdump-tools`. */
  readonly kdumpToolsSettings?: KdumpSettingValues;
  /** `/etc/kdump.conf`. */
  readonly kdumpConf?: KdumpSettingValues;
  /** `/etc/sysconfig/kdump`, where that is of kdump-utils. */
  readonly kdumpSysconfig?: KdumpSettingValues;
}

/**
 * Reads the kdump tools from the collected files.
 *
 * @returns undefined if nothing about them was collected
 * @throws KexecError `EINVAL`, check `machine-text`, for a malformed file
 */
export function readKdumpTools(collected: Collected): KdumpTools | undefined {
  const { 'kdump-units': links } = collected;
  if (links === undefined) return undefined;
  const names = links.split('\n').map((link) => link.slice(link.lastIndexOf('/') + 1).trim());
  const makedumpfile = parseMakedumpfile(collected.makedumpfile ?? '');
  return {
    units: KDUMP_UNITS.filter((unit) => names.includes(unit)),
    ...(makedumpfile === undefined ? {} : { makedumpfile }),
    ...readSettings('kdumpToolsSettings', collected['kdump-tools'], parseAssignments),
    ...readSettings('kdumpConf', collected['kdump-conf'], parseKdumpConf),
    ...readSettings('kdumpSysconfig', collected['kdump-sysconfig'], parseAssignments),
  };
}

function readSettings(
  file: keyof typeof KDUMP_SETTING_NAMES,
  text: string | undefined,
  parse: (text: string) => ReadonlyMap<string, string>,
): Partial<KdumpTools> {
  if (text === undefined) return {};
  const values = parse(text);
  const settings: Record<string, string> = {};
  for (const name of KDUMP_SETTING_NAMES[file]) {
    const value = values.get(name);
    if (value !== undefined) settings[name] = value;
  }
  return { [file]: settings };
}

/**
 * Parses the lines `path …`, `file …` and `version …` about a program.
 *
 * @returns undefined if there are none: the program is not installed
 */
function parseMakedumpfile(text: string): Makedumpfile | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, name, value] = /^(path|file|version) (\S.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      refuse('machine-text', 'EINVAL', `makedumpfile: ${JSON.stringify(line.slice(0, 60))}`);
    fields.set(name, value);
  }
  const [path, file, version] = ['path', 'file', 'version'].map((name) => fields.get(name));
  if (path === undefined) return undefined;
  return {
    path,
    ...(file === undefined ? {} : { file }),
    ...(version === undefined ? {} : { version }),
  };
}

/** Whether the program is kexec-file, by a link or a diversion. */
export function isOurs({ path, file = path }: Makedumpfile): boolean {
  return file.split('/').includes('kexec-file');
}
