import { KexecError } from '../../../base/error.js';
import { LoadRefusedError } from '../../../node/live/load-refused-error.js';
import { line } from '../../../view/text/printable.js';
import type { KexecHost } from './host.js';
import { formatHelp, formatVersion } from './kexec-help.js';
import { type KexecRequest, type RunRequest, readRequest } from './kexec-request.js';

/**
 * Exit codes of kexec-tools: 1 for wrong usage and for a request that is refused before it is tried, 255 for a failure.
 */
const EXIT = { done: 0, loaded: 1, refused: 1, failed: 255 } as const;

/**
 * Runs a kexec command line.
 *
 * @param args - without the program's name
 * @returns the exit code. Errors of users, files and the kernel are printed, not thrown.
 */
export async function runKexec(args: readonly string[], host: KexecHost): Promise<number> {
  const request = readRequest(args, host);
  try {
    return await answer(request, host);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    const isDebug = request.action === 'run' && request.debug;
    if (isDebug && error instanceof LoadRefusedError) await host.complainTrail(error.trail);
    await host.complainOf(error);
    return EXIT.failed;
  }
}

async function answer(request: KexecRequest, host: KexecHost): Promise<number> {
  switch (request.action) {
    case 'help':
      host.print(formatHelp(host.architecture, host.columns));
      return EXIT.done;
    case 'version':
      host.print(formatVersion(host.version()));
      return EXIT.done;
    case 'print-crash-size':
      host.print(line`${(await host.status()).crashSize}`);
      return EXIT.done;
    case 'mistake':
      return misuse(request.message, EXIT.refused, host);
    case 'refuse':
      return complain(request.message, EXIT.refused, host);
    case 'status': {
      const { loaded, crashLoaded } = await host.status();
      return (request.type === 'crash' ? crashLoaded : loaded) ? EXIT.loaded : EXIT.done;
    }
    case 'run':
      return run(request, host);
  }
}

/** Unloads, loads and starts, in the order of kexec-tools. It stops at the first failure. */
async function run(request: RunRequest, host: KexecHost): Promise<number> {
  const { type, syscall, start } = request;
  for (const note of request.notes) host.complain(note);
  if (request.load && type === 'crash' && (await host.status()).crashSize === 0n) {
    return complain(
      'there is no crash region: crashkernel= was not given, or reserved nothing; kexec-file doctor says why',
      EXIT.refused,
      host,
    );
  }
  if (request.unload) await host.unload(type, syscall);
  if (request.load) {
    if (request.how.kernel === undefined) return misuse('no KERNEL was given', EXIT.failed, host);
    const { loadKernel } = await import('./load-kexec.js');
    if (!(await loadKernel(request.how.kernel, request, host))) return EXIT.failed;
  }
  if (start === 'no') return EXIT.done;
  if (!(await host.status()).loaded) {
    return complain('no kernel is loaded', EXIT.refused, host);
  }
  return start === 'exec' ? execute(request, host) : shutDown(host);
}

/** Syncs files before the network goes down: some are reached through it. */
async function execute({ sync, interfacesDown }: RunRequest, host: KexecHost): Promise<number> {
  const reboot = await host.openReboot();
  if (sync) reboot.sync();
  if (interfacesDown) for (const problem of await host.takeInterfacesDown()) host.complain(problem);
  return reboot.kexec();
}

async function shutDown(host: KexecHost): Promise<number> {
  const code = await host.shutDown();
  return code ?? complain('there is no shutdown(8)', EXIT.failed, host);
}

/** Wrong usage. kexec-tools prints its help then, below which the mistake is hard to find. */
function misuse(message: string, code: number, host: KexecHost): number {
  host.complain(`${message}; kexec --help lists the options`);
  return code;
}

function complain(message: string, code: number, host: KexecHost): number {
  host.complain(message);
  return code;
}
