import { KexecError } from '../../base/error.js';
import { LoadRefusedError } from '../../node/live/load-refused-error.js';
import { helpText, versionText } from './help.js';
import type { KexecHost } from './host.js';
import { type KexecRequest, type RunRequest, readRequest } from './kexec-request.js';

/** kexec-tools' exit codes: 1 for wrong usage and for what is refused before it is tried, 255 for what failed. */
const EXIT = { done: 0, loaded: 1, refused: 1, failed: 255 } as const;

/**
 * Does what a kexec command line asks for.
 *
 * @param args - without the program's name
 * @returns the exit code. Never throws for what a user, a file or the kernel does.
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
      host.print(helpText());
      return EXIT.done;
    case 'version':
      host.print(versionText(host.version()));
      return EXIT.done;
    case 'print-crash-size':
      host.print(String((await host.status()).crashSize));
      return EXIT.done;
    case 'mistake':
      return misuse(request.message, EXIT.refused, host);
    case 'refuse':
      return refuse(request.message, EXIT.refused, host);
    case 'status': {
      const { loaded, crashLoaded } = await host.status();
      return (request.type === 'crash' ? crashLoaded : loaded) ? EXIT.loaded : EXIT.done;
    }
    case 'run':
      return run(request, host);
  }
}

/** In kexec-tools' order; what fails is the end. */
async function run(request: RunRequest, host: KexecHost): Promise<number> {
  const { type, syscall, start } = request;
  for (const note of request.notes) host.complain(note);
  if (request.load && type === 'crash' && (await host.status()).crashSize === 0n) {
    return refuse(
      'there is no crash region: this kernel was booted without crashkernel=',
      EXIT.refused,
      host,
    );
  }
  if (request.unload) await host.unload(type, syscall);
  if (request.load) {
    if (request.how.kernel === undefined) return misuse('no KERNEL is given', EXIT.failed, host);
    const { loadAsked } = await import('./load-kexec.js');
    if (!(await loadAsked(request.how.kernel, request, host))) return EXIT.failed;
  }
  if (start === 'no') return EXIT.done;
  if (!(await host.status()).loaded) {
    return refuse('no kernel is loaded that could be started', EXIT.refused, host);
  }
  return start === 'exec' ? execute(request, host) : shutDown(host);
}

/** Files are synced while the network, by which some are reached, is still up. */
async function execute({ sync, interfacesDown }: RunRequest, host: KexecHost): Promise<number> {
  const reboot = await host.openReboot();
  if (sync) reboot.sync();
  if (interfacesDown) for (const problem of await host.takeInterfacesDown()) host.complain(problem);
  return reboot.kexec();
}

async function shutDown(host: KexecHost): Promise<number> {
  const code = await host.shutDown();
  return code ?? refuse('there is no shutdown(8) that could be run', EXIT.failed, host);
}

/** Wrong usage: the help goes to standard output, as it does there. */
function misuse(message: string, code: number, host: KexecHost): number {
  host.complain(message);
  host.print(helpText());
  return code;
}

function refuse(message: string, code: number, host: KexecHost): number {
  host.complain(message);
  return code;
}
