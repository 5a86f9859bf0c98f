import type { KexecError } from '../../base/error.js';
import { listInitrds } from '../../boot-entry/installed-kernels.js';
import type { LoadSettings } from '../../settings/load-settings.js';
import { readEntryFiles } from '../boot-entry/read-entry-files.js';
import { readText } from '../files/read-file.js';
import { predictLive } from '../live/predict-live.js';

/**
 * Plans a kernel that was just installed for this machine: with its initrd, if that exists already, the running command
 * line, and the settings of `[load]`.
 *
 * @returns the refusal; undefined if the kernel would load
 * @throws KexecError as `loadLive()`, if this machine cannot be read
 */
export async function preflightKernel(
  release: string,
  image: string,
  { policy, certs, keyrings, dbx, syscall }: LoadSettings,
): Promise<KexecError | undefined> {
  const [initrd] = listInitrds(readEntryFiles(), release);
  const { result } = await predictLive({
    kernel: image,
    initrd,
    options: { commandLine: readText('/proc/cmdline').trimEnd() },
    policy,
    syscall,
    trust: { certs, keyrings, dbx },
  });
  return 'refusal' in result ? result.refusal : undefined;
}
