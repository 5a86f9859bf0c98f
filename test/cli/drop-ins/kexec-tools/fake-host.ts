import { KexecError } from '../../../../src/base/error.js';
import type { TrailEntry } from '../../../../src/base/trail.js';
import type { KexecHost } from '../../../../src/cli/drop-ins/kexec-tools/host.js';
import { runKexec } from '../../../../src/cli/drop-ins/kexec-tools/run.js';
import type { LoadCall } from '../../../../src/kexec/load-options.js';
import type { LiveLoad } from '../../../../src/node/live/load-request.js';

/** How a machine is before a command, and what happens on it. */
export interface Fake {
  readonly architecture?: KexecHost['architecture'];
  readonly call?: LoadCall;
  readonly crashSize?: bigint;
  readonly loaded?: boolean;
  readonly crashLoaded?: boolean;
  readonly loadError?: KexecError;
  readonly rebootError?: KexecError;
  readonly shutdownCode?: number | undefined;
  readonly staysUp?: readonly string[];
}

/** The checks of each load. */
export const TRAIL: readonly TrailEntry[] = [
  { check: 'signature', verdict: 'ok', detail: 'signed by a friend' },
];

/** Runs a command on a machine that notes what is done to it. */
export async function runOnFake(line: string | readonly string[], fake: Fake = {}) {
  const done: string[] = [];
  const loads: LiveLoad[] = [];
  let output = '';
  let errors = '';
  let loaded = fake.loaded ?? false;
  const host: KexecHost = {
    architecture: fake.architecture ?? 'arm64',
    posixlyCorrect: false,
    version: () => '1.2.3',
    print: (text) => {
      output += `${text}\n`;
    },
    complain: (text) => {
      errors += `${text}\n`;
    },
    complainOf: async (error) => {
      errors += `${error.errno}: ${error.seen}\n`;
    },
    complainTrail: async (trail) => {
      errors += trail.map(({ check, verdict }) => `${verdict} ${check}\n`).join('');
    },
    status: async () => ({
      loaded,
      crashLoaded: fake.crashLoaded ?? false,
      crashSize: fake.crashSize ?? 0x1000_0000n,
    }),
    chooseCall: async () => fake.call ?? 'segments',
    load: async (load) => {
      loads.push(load);
      if (fake.loadError) throw fake.loadError;
      done.push(`load ${load.options.type}`);
      if (load.options.type === 'default') loaded = true;
      const files = { file: new Uint8Array(), image: new Uint8Array(), initrd: undefined };
      return { syscall: fake.call ?? 'segments', ...files, kimage: undefined, trail: TRAIL };
    },
    unload: async (type, syscall) => {
      done.push(`unload ${type} ${syscall}`);
      if (type === 'default') loaded = false;
    },
    runningCommandLine: async () => 'BOOT_IMAGE=/vmlinuz root=/dev/vda1 crashkernel=256M quiet',
    openReboot: async () => ({
      sync: () => {
        done.push('sync');
      },
      kexec: () => {
        done.push('kexec');
        throw fake.rebootError ?? new KexecError('reboot', 'EPERM', 'no');
      },
    }),
    takeInterfacesDown: async () => {
      done.push('interfaces down');
      return fake.staysUp ?? [];
    },
    shutDown: async () => {
      done.push('shutdown');
      return 'shutdownCode' in fake ? fake.shutdownCode : 0;
    },
  };
  const code = await runKexec(typeof line === 'string' ? line.split(' ') : line, host);
  return { code, done, loads, output, errors };
}
