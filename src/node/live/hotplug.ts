import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import type { LoadCall } from '../../kexec/load-options.js';
import { readText } from '../files/read-file.js';

/** Says `1` if the kernel updates the ELF core header itself. */
const FILE = '/sys/devices/system/cpu/crash_hotplug';

/**
 * Refuses unless the kernel itself updates the ELF core header of a loaded crash kernel when CPUs or memory come or go.
 * A kernel that can does so only for what kexec_file_load(2) loaded. No arm64 kernel can, up to Linux 6.12.
 *
 * @throws KexecError `EOPNOTSUPP`, check `crash-hotplug`.
 */
export function requireHotplug(call: LoadCall): void {
  const canUpdate = existsSync(FILE) && readText(FILE).trim() === '1';
  if (canUpdate && call === 'file') return;
  const why = canUpdate
    ? 'the kernel updates a crash kernel only if kexec_file_load loaded it, and this is kexec_load'
    : 'this kernel does not update a crash kernel when CPUs or memory come or go (no arm64 kernel has CONFIG_CRASH_HOTPLUG)';
  refuse('crash-hotplug', 'EOPNOTSUPP', `--hotplug: ${why}`);
}
