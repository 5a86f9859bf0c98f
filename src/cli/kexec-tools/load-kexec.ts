import { type Range, range } from '../../base/range.js';
import { U64_LIMIT } from '../../base/u64.js';
import { isKernelType, KERNEL_TYPES, type KernelType } from '../../kernel-file/types.js';
import type { LoadOptions } from '../../kexec/load-options.js';
import { buildReusedCommandLine, joinCommandLine } from '../../machine/command-line.js';
import type { LiveLoad, LiveLoaded, LoadCall } from '../../node/live/load-request.js';
import type { KexecHost } from './host.js';
import type { ImageType, LoadWishes, RunRequest } from './kexec-request.js';

/**
 * Loads a kernel as a command line asks for it.
 *
 * @returns whether it did; if not, the host was told why.
 * @throws KexecError
 */
export async function loadAsked(kernel: string, request: RunRequest, host: KexecHost): Promise<boolean> {
  const { kind } = request.how;
  if (kind !== undefined && !isKernelType(kind)) {
    const types = Object.keys(KERNEL_TYPES).join(', ');
    host.complain(`--type ${kind} is refused: the types of kernels are ${types}`);
    return false;
  }
  const loaded = await host.load(await orderOf(kernel, kind, request, host));
  if (request.debug) await tell(loaded, host);
  return true;
}

async function orderOf(
  kernel: string,
  kernelType: KernelType | undefined,
  { type, syscall, debug, how }: RunRequest,
  host: KexecHost,
): Promise<LiveLoad> {
  const { initrd, dtb, entry, checks, certs, keyrings, dbx } = how;
  const isTrustNamed = certs.length + keyrings.length + dbx.length > 0;
  const order: LiveLoad = {
    kernel,
    initrd,
    options: {
      type,
      kernelType,
      window: windowOf(how),
      entry: entry === 0n ? undefined : entry,
      purgatory: { checks },
    },
    dtb,
    syscall,
    policy: how.policy ?? (isTrustNamed ? 'enforce' : 'as-kernel'),
    trust: { certs, keyrings, dbx },
    debug,
  };
  const call = await host.chooseCall(order);
  return {
    ...order,
    syscall: call,
    options: { ...order.options, ...(await commandLineOf(how, type, call, host)) },
  };
}

/**
 * What is appended stands behind what is reused, and alone where nothing is (`concat_cmdline()`). Where neither is
 * asked for, the next kernel has that of a UKI; else none by kexec_file_load(2), and by kexec_load(2) that of the running
 * kernel, which kexec-tools leaves in the device tree then (`set_bootargs()`).
 */
async function commandLineOf(
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
  if (append !== undefined || call === 'file') return { commandLine: append };
  return { fallbackCommandLine: await reused() };
}

/** `--mem-max` is the last address that may be used. */
function windowOf({ memMin, memMax }: LoadWishes): Range | undefined {
  if (memMin === undefined && memMax === undefined) return undefined;
  return range(memMin ?? 0n, memMax === undefined ? U64_LIMIT : memMax + 1n);
}

async function tell({ syscall, trail }: LiveLoaded, host: KexecHost): Promise<void> {
  await host.complainTrail(trail);
  const signature = trail.find(({ check }) => check === 'signature');
  host.complain(`loaded by ${syscall === 'file' ? 'kexec_file_load' : 'kexec_load'}(2)`);
  host.complain(`signature: ${signature?.detail ?? 'not verified'}`);
}
