import { isKernelType, KERNEL_TYPES, type KernelType } from '../../../kernel-file/types.js';
import type { LoadCall, LoadOptions } from '../../../kexec/load-options.js';
import { buildReusedCommandLine, joinCommandLine } from '../../../machine/command-line.js';
import type { LiveLoad, LiveLoaded } from '../../../node/live/load-request.js';
import { buildWindow } from '../../options/numbers.js';
import type { KexecHost } from './host.js';
import type { ImageType, LoadWishes, RunRequest } from './kexec-request.js';

/**
 * Loads a kernel.
 *
 * @returns whether it is loaded; if not, the reason was printed
 * @throws KexecError
 */
export async function loadKernel(kernel: string, request: RunRequest, host: KexecHost): Promise<boolean> {
  const { kind } = request.how;
  if (kind !== undefined && !isKernelType(kind)) {
    const types = Object.keys(KERNEL_TYPES).join(', ');
    host.complain(`--type ${kind} is refused: the types of kernels are ${types}`);
    return false;
  }
  const loaded = await host.load(await buildLoad(kernel, kind, request, host));
  if (request.debug) await printLoaded(loaded, host);
  if (request.how.checks === false && loaded.syscall === 'file')
    host.complain("--no-checks has no effect: kexec_file_load(2) does not load kexec-file's purgatory");
  return true;
}

async function buildLoad(
  kernel: string,
  kernelType: KernelType | undefined,
  { type, syscall, debug, how }: RunRequest,
  host: KexecHost,
): Promise<LiveLoad> {
  const { initrd, dtb, entry, checks, cma, efi, serial, hotplug, certs, keyrings, dbx } = how;
  const isTrustGiven = certs.length + keyrings.length + dbx.length > 0;
  const load: LiveLoad = {
    kernel,
    initrd,
    options: {
      type,
      kernelType,
      window: buildWindow(how),
      entry: entry === 0n ? undefined : entry,
      cma,
      efi,
      hotplug,
      purgatory: { checks, serial },
    },
    dtb,
    syscall,
    policy: how.policy ?? (isTrustGiven ? 'enforce' : 'as-kernel'),
    trust: { certs, keyrings, dbx },
    debug,
  };
  const call = await host.chooseCall(load);
  return {
    ...load,
    syscall: call,
    options: { ...load.options, ...(await chooseCommandLine(how, type, call, host)) },
  };
}

/**
 * Chooses the command line. `--append` follows a reused command line, and stands alone without one
 * (`concat_cmdline()`). Without either, the next kernel gets that of a UKI; else none with kexec_file_load(2), and with
 * kexec_load(2) the running kernel's, which kexec-tools leaves in the device tree (`set_bootargs()`). x86_64 has no device tree
 * that would have it.
 */
async function chooseCommandLine(
  { append, reuseCommandLine }: LoadWishes,
  type: ImageType,
  call: LoadCall,
  host: KexecHost,
): Promise<Pick<LoadOptions, 'commandLine' | 'fallbackCommandLine'>> {
  const reused = async () =>
    buildReusedCommandLine(await host.runningCommandLine(), { panic: type === 'crash' });
  if (reuseCommandLine) {
    return { commandLine: append === undefined ? await reused() : joinCommandLine(await reused(), append) };
  }
  if (append !== undefined || call === 'file' || host.architecture === 'x86_64')
    return { commandLine: append };
  return { fallbackCommandLine: await reused() };
}

async function printLoaded({ syscall, trail }: LiveLoaded, host: KexecHost): Promise<void> {
  await host.complainTrail(trail);
  const signature = trail.find(({ check }) => check === 'signature');
  host.complain(`loaded by ${syscall === 'file' ? 'kexec_file_load' : 'kexec_load'}(2)`);
  host.complain(`signature: ${signature?.detail ?? 'not verified'}`);
}
