import { existsSync } from 'node:fs';
import { refuse } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';
import type { LoadOptions } from '../../kexec/load-options.js';
import { readText } from '../files/read-file.js';

/**
 * Exists if the kernel has CONFIG_CRASH_HOTPLUG. Says `1` while a crash kernel is loaded whose ELF core header the kernel
 * updates: kernel function `crash_check_hotplug_support()`.
 */
const FILE = '/sys/devices/system/cpu/crash_hotplug';

/**
 * Refuses `--hotplug` unless a crash kernel is loaded, and this kernel can update its ELF core header when CPUs or memory
 * come or go: on x86_64 since Linux 6.6, for what either system call loaded.
 *
 * @param file - of the kernel's report; another file in tests
 * @throws KexecError `EINVAL`, check `live-option`; `EOPNOTSUPP`, check `crash-hotplug`.
 */
export function requireHotplug({ type }: LoadOptions, file = FILE): void {
  if (type !== 'crash') {
    refuse('live-option', 'EINVAL', '--hotplug is for crash kernels', {
      cure: 'add --panic, or leave it out',
    });
  }
  if (existsSync(file)) return;
  refuse(
    'crash-hotplug',
    'EOPNOTSUPP',
    '--hotplug: this kernel does not update a crash kernel when CPUs or memory come or go: it has no CONFIG_CRASH_HOTPLUG ' +
      '(on x86_64 since Linux 6.6; no arm64 kernel has it)',
  );
}

/**
 * Asks the kernel, after a load, whether it updates the loaded crash kernel.
 *
 * @returns an entry of the trail
 * @throws KexecError `EOPNOTSUPP`, check `crash-hotplug`, if it does not.
 */
export function confirmHotplug(file = FILE): TrailEntry {
  const answer = readText(file).trim();
  if (answer === '1') {
    const detail = 'the kernel updates the ELF core header when CPUs or memory come or go';
    return { check: 'crash-hotplug', verdict: 'ok', detail };
  }
  return refuse(
    'crash-hotplug',
    'EOPNOTSUPP',
    `the crash kernel is loaded, but the kernel does not update it: ${file} says ${JSON.stringify(answer)}`,
  );
}
