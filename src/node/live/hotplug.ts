import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import { readText } from '../files/read-file.js';
import type { LoadCall } from './load-request.js';

const FILE = '/sys/devices/system/cpu/crash_hotplug';

/**
 * Refuses unless the kernel changes the ELF core header of a loaded crash kernel when CPUs or memory come or go. It does
 * so, where it can, for what it loaded by kexec_file_load(2); no arm64 kernel can, up to Linux 6.12.
 *
 * @throws KexecError `EOPNOTSUPP`, check `crash-hotplug`.
 */
export function requireHotplug(call: LoadCall): void {
  const isKernels = existsSync(FILE) && readText(FILE).trim() === '1';
  if (isKernels && call === 'file') return;
  const why = isKernels
    ? 'the kernel would follow them for what kexec_file_load loads, and this is kexec_load'
    : 'this kernel does not follow CPUs and memory that come and go (on arm64, none has CONFIG_CRASH_HOTPLUG)';
  refuse('crash-hotplug', 'EOPNOTSUPP', `--hotplug: ${why}`);
}
