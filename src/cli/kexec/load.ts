import { U64_LIMIT } from '../../base/u64.js';
import type { LiveLoad, LiveLoaded } from '../../live/load.js';
import { joinCommandLine, reusedCommandLine } from '../../machine/command-line.js';
import { type Range, range } from '../../memory/range.js';
import type { KexecHost } from './host.js';
import type { LoadWishes, RunRequest } from './request.js';

/** What kexec-tools calls the kinds of kernels that it loads on arm64; `zImage` until 2.0.26. */
const KINDS = ['vmlinux', 'Image', 'uImage', 'vmlinuz', 'zImage', 'uki'];

/**
 * Loads a kernel as a command line asks for it.
 *
 * @returns whether it did; if not, the host was told why.
 * @throws KexecError
 */
export async function loadAsked(kernel: string, request: RunRequest, host: KexecHost): Promise<boolean> {
  const { kind } = request.how;
  if (kind !== undefined && kind !== 'Image') {
    const why = KINDS.includes(kind) ? 'this version loads Images alone' : 'there is no such type of kernel';
    host.complain(`--type ${kind} is refused: ${why}`);
    return false;
  }
  const loaded = await host.load(await orderOf(kernel, request, host));
  if (request.debug) await tell(loaded, host);
  return true;
}

async function orderOf(
  kernel: string,
  { type, syscall, debug, how }: RunRequest,
  host: KexecHost,
): Promise<LiveLoad> {
  const { initrd, dtb, entry, checks, certs, keyrings, dbx } = how;
  const isTrustNamed = certs.length + keyrings.length + dbx.length > 0;
  const order: LiveLoad = {
    kernel,
    initrd,
    dtb,
    window: windowOf(how),
    entry: entry === 0n ? undefined : entry,
    type,
    syscall,
    policy: how.policy ?? (isTrustNamed ? 'enforce' : 'as-kernel'),
    trust: { certs, keyrings, dbx },
    debug,
    purgatory: { checks },
  };
  const chosen = { ...order, syscall: await host.chooseCall(order) };
  return { ...chosen, commandLine: await commandLineOf(how, chosen, host) };
}

/**
 * What is appended stands behind what is reused, and alone where nothing is (`concat_cmdline()`). Where neither is
 * asked for, the next kernel has none by kexec_file_load(2), and by kexec_load(2) that of the running kernel, which
 * kexec-tools leaves in the device tree then (`set_bootargs()`).
 */
async function commandLineOf(
  { append, reuseCommandLine }: LoadWishes,
  { syscall, type }: LiveLoad,
  host: KexecHost,
): Promise<string | undefined> {
  const isReused = reuseCommandLine || (append === undefined && syscall === 'segments');
  if (!isReused) return append;
  const reused = reusedCommandLine(await host.runningCommandLine(), { panic: type === 'crash' });
  return append === undefined ? reused : joinCommandLine(reused, append);
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
