/** How the kdump service of another program saves a dump: kdump-tools (Debian, Ubuntu), kdump-utils (Fedora, RHEL). */
import type { KdumpSettingValues, KdumpTools } from '../machine/kdump-tools.js';

/** Where a dump goes. */
export type DumpPlace =
  /** A folder of this machine, as it is mounted now. */
  | { readonly kind: 'folder'; readonly path: string }
  /** A file system of its own, or a partition without one. */
  | { readonly kind: 'device'; readonly type: string; readonly device: string }
  /** Another machine. */
  | { readonly kind: 'remote'; readonly protocol: string; readonly where: string };

/** How a service saves. */
export interface DumpService {
  readonly name: 'kdump-tools' | 'kdump-utils';
  /** The files of its settings. */
  readonly source: string;
  /** The command that saves, without the dump and the file. */
  readonly command: string;
  /** The name of the setting with that command. */
  readonly setting: string;
  readonly places: readonly DumpPlace[];
  /** The files of the capture kernel, if the settings name them. */
  readonly kernel?: string | undefined;
  readonly initrd?: string | undefined;
  /** Parameters that the administrator adds to the capture kernel's command line in place of the usual ones. */
  readonly append?: { readonly setting: string; readonly parameters: string } | undefined;
  /** What it does if the dump cannot be saved. */
  readonly atFailure?: string | undefined;
}

/** The value that both take for a folder, if none is set. */
const USUAL_FOLDER = '/var/crash';

/** Whether kdump-tools is enabled but does nothing. */
export function isSwitchedOff({ units, kdumpToolsSettings }: KdumpTools): boolean {
  if (!units.includes('kdump-tools.service') || kdumpToolsSettings === undefined) return false;
  const { USE_KDUMP: use = '' } = kdumpToolsSettings;
  return use === '' || /^0+$/.test(use);
}

/** The service of another program that loads a crash kernel and saves its dump; undefined if none is enabled. */
export function findDumpService(tools: KdumpTools): DumpService | undefined {
  const { units, kdumpToolsSettings, kdumpConf } = tools;
  if (units.includes('kdump-tools.service') && kdumpToolsSettings !== undefined && !isSwitchedOff(tools))
    return readKdumpTools(kdumpToolsSettings);
  if (units.includes('kdump.service') && kdumpConf !== undefined)
    return readKdumpUtils(kdumpConf, tools.kdumpSysconfig);
  return undefined;
}

/** The defaults are those of kdump-config; -F is added if it does not come first. */
function readKdumpTools(settings: KdumpSettingValues): DumpService {
  const find = (name: string): string | undefined => settings[name] || undefined;
  const args = find('MAKEDUMP_ARGS') ?? '-F -c -d 31';
  const append = find('KDUMP_CMDLINE_APPEND');
  const remote = (['FTP', 'SSH', 'NFS'] as const).flatMap((protocol): DumpPlace[] => {
    const where = find(protocol);
    return where === undefined ? [] : [{ kind: 'remote', protocol: protocol.toLowerCase(), where }];
  });
  return {
    name: 'kdump-tools',
    source: '/etc/default/kdump-tools',
    command: `makedumpfile ${args.startsWith('-F') ? args : `${args} -F`}`,
    setting: 'MAKEDUMP_ARGS',
    places: remote.length > 0 ? remote : [{ kind: 'folder', path: find('KDUMP_COREDIR') ?? USUAL_FOLDER }],
    kernel: find('KDUMP_KERNEL'),
    initrd: find('KDUMP_INITRD'),
    append: append === undefined ? undefined : { setting: 'KDUMP_CMDLINE_APPEND', parameters: append },
  };
}

/** File systems that kdump.conf may name, and `raw`, a partition without one. */
const DEVICES = ['raw', 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'minix', 'virtiofs'] as const;

/** The defaults are those of kdump.conf(5). */
function readKdumpUtils(conf: KdumpSettingValues, sysconfig: KdumpSettingValues = {}): DumpService {
  const flat = conf.ssh !== undefined || conf.raw !== undefined ? ' -F' : '';
  const append = sysconfig.KDUMP_COMMANDLINE_APPEND;
  return {
    name: 'kdump-utils',
    source: '/etc/kdump.conf, /etc/sysconfig/kdump',
    command: conf.core_collector ?? `makedumpfile${flat} -l --message-level 7 -d 31`,
    setting: 'core_collector',
    places: [findPlace(conf)],
    append: append === undefined ? undefined : { setting: 'KDUMP_COMMANDLINE_APPEND', parameters: append },
    atFailure: conf.failure_action ?? conf.default,
  };
}

function findPlace(conf: KdumpSettingValues): DumpPlace {
  for (const protocol of ['ssh', 'nfs']) {
    const where = conf[protocol];
    if (where !== undefined) return { kind: 'remote', protocol, where };
  }
  for (const type of DEVICES) {
    const device = conf[type];
    if (device !== undefined) return { kind: 'device', type, device };
  }
  return { kind: 'folder', path: conf.path ?? USUAL_FOLDER };
}

/** Whether a service saves by makedumpfile. */
export function usesMakedumpfile({ command }: DumpService): boolean {
  return /^(?:\S*\/)?makedumpfile(?:\s|$)/.test(command.trim());
}

/** Options of makedumpfile that are followed by a value in the next word. */
const WITH_VALUE =
  /^(?:--(?:message-level|num-threads|cyclic-buffer|splitblock-size|config|eppic|vtop)|-[xig])$/;

/**
 * Reads the dump level of a command of makedumpfile: `-d 31`, `-d31`, `-ld 31`; of `-d 31,16`, the first.
 *
 * @returns 0 without `-d`, and for another program; undefined if the level is no number
 */
export function readDumpLevel(command: string): number | undefined {
  const [program = '', ...words] = command.trim().split(/\s+/);
  if (!program.endsWith('makedumpfile')) return 0;
  let level = '0';
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (WITH_VALUE.test(word)) {
      at += 1;
      continue;
    }
    const found = /^-[a-zA-Z]*?d(.*)$/.exec(word);
    if (found === null || word.startsWith('--')) continue;
    if (found[1] === '') at += 1;
    level = found[1] || (words[at] ?? '');
  }
  const first = /^(\d{1,3})(?:,[\d,]*)?$/.exec(level)?.[1];
  return first === undefined ? undefined : Number(first);
}
