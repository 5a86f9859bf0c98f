import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findHostArchitecture } from '../../../node/collect/host-architecture.js';
import { line } from '../../../view/text/printable.js';
import { printError, printText } from '../../terminal/output.js';
import { errorView, outputView } from '../../terminal/screen.js';
import { packageVersion } from '../../terminal/version.js';
import type { KexecHost } from './host.js';

/** Where kexec-tools looks for shutdown(8). */
const SHUTDOWN = ['/sbin/shutdown', '/etc/shutdown', '/bin/shutdown'];

/** This machine. Loading a kernel is imported lazily, because `--status` must be fast. */
export const thisHost: KexecHost = {
  architecture: findHostArchitecture() ?? 'arm64',
  posixlyCorrect: process.env.POSIXLY_CORRECT !== undefined,
  columns: outputView().columns,
  version: packageVersion,
  print: printText,
  complain,
  async complainOf(error) {
    const { formatError } = await import('../../terminal/format-error.js');
    printError(formatError(error, { ...errorView(), color: false, program: 'kexec' }));
  },
  async complainTrail(trail) {
    const { formatTrail } = await import('../../../view/text/trail-text.js');
    if (trail.length > 0) printError(formatTrail(trail, { ...errorView(), color: false }));
  },
  async status() {
    return (await import('../../../node/live/system-calls/state.js')).readState();
  },
  async chooseCall(load) {
    const { requirePermission } = await import('../../../node/live/require-permission.js');
    const { chooseCall } = await import('../../../node/live/choose-call.js');
    return chooseCall(load, requirePermission(load.options.type ?? 'default'));
  },
  async load(load) {
    return (await import('../../../node/live/load-live.js')).loadLive(load);
  },
  async unload(type, syscall) {
    return (await import('../../../node/live/unload-live.js')).unloadLive(type, syscall);
  },
  async runningCommandLine() {
    const { readText } = await import('../../../node/files/read-file.js');
    return readText('/proc/cmdline').replace(/\n$/, '');
  },
  async openReboot() {
    return (await import('../../../node/live/system-calls/reboot.js')).openReboot();
  },
  async takeInterfacesDown() {
    return (await import('../../../node/live/interfaces.js')).takeInterfacesDown();
  },
  async shutDown() {
    const program = SHUTDOWN.find((path) => existsSync(path));
    if (program === undefined) return undefined;
    return spawnSync(program, ['-r', 'now'], { stdio: 'inherit' }).status ?? undefined;
  },
};

function complain(text: string): void {
  printError(line`kexec: ${text}`);
}
