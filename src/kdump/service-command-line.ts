import { buildCaptureCommandLine, type CaptureOptions } from '../machine/capture-command-line.js';
import { findParameterValues, joinCommandLine } from '../machine/command-line.js';
import { SAVE_UNIT } from './service-units.js';

/** Parameters of the running kernel that a capture kernel with the system's own initrd and root does not get. */
export const DROPPED_FOR_SERVICE: Readonly<Record<string, string>> = {
  'systemd.unit': 'systemd must start the save',
  'splash rhgb': 'a boot screen takes memory, and hides the messages',
};

/** Parameters that such a capture kernel gets in addition, and the reasons. */
export const ADDED_FOR_SERVICE: Readonly<Record<string, string>> = {
  [`systemd.unit=${SAVE_UNIT}`]: 'systemd starts the save, and no other service',
  'udev.children_max=2': 'udev starts few programs at a time, which saves memory',
};

/** Added unless the machine should wait for a person: an initrd by dracut restarts it if it finds no root. */
export const ADDED_TO_RESTART: Readonly<Record<string, string>> = {
  'rd.shell=0': 'an initrd by dracut that finds no root asks nobody',
  'rd.emergency=reboot': 'it restarts the machine',
};

/** What the command line depends on, beside the running kernel's. */
export interface ServiceOptions extends CaptureOptions {
  /** Parameters that follow all others. */
  readonly append?: string | undefined;
  /** Whether the machine waits for a person at the end, instead of restarting or powering off. */
  readonly endsInShell?: boolean | undefined;
}

/**
 * Builds the command line of a capture kernel that boots the system's own initrd and root, and starts {@link SAVE_UNIT}
 * there: as {@link buildCaptureCommandLine}, without {@link DROPPED_FOR_SERVICE}, with {@link ADDED_FOR_SERVICE}.
 *
 * An initrd by initramfs-tools needs no parameter of its own to restart the machine: it reads `panic=`.
 *
 * @param running - the text of /proc/cmdline
 * @throws KexecError as `joinCommandLine()`.
 */
export function buildServiceCommandLine(running: string, options: ServiceOptions = {}): string {
  const { append, endsInShell = false, remove = [], ...machine } = options;
  const dropped = Object.keys(DROPPED_FOR_SERVICE).flatMap((names) => names.split(' '));
  const base = buildCaptureCommandLine(running, { ...machine, remove: [...dropped, ...remove] });
  const added = [
    ...Object.keys(ADDED_FOR_SERVICE),
    ...(endsInShell ? [] : Object.keys(ADDED_TO_RESTART)),
  ].filter((parameter) => !remove.includes(parameter.split('=', 1)[0] ?? parameter));
  const own = joinCommandLine(base, added.join(' '));
  return append === undefined ? own : joinCommandLine(own, append);
}

/** Whether a kernel with this command line was booted to save a dump. */
export function startsSave(commandLine: string): boolean {
  return findParameterValues(commandLine, 'systemd.unit').at(-1) === SAVE_UNIT;
}
