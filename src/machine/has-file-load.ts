import { lacksChange, mayHaveLaterChanges } from './kernel-changes.js';
import { isBuiltIn } from './kernel-config.js';
import type { MachineFacts } from './machine-facts.js';

/**
 * Whether a machine's kernel has kexec_file_load(2): by its configuration or, without it, by its release.
 *
 * @returns undefined if neither says so
 */
export function hasFileLoad(machine: MachineFacts): boolean | undefined {
  const { config, release } = machine.kernel ?? {};
  const byConfig = isBuiltIn(config, 'KEXEC_FILE');
  if (byConfig !== undefined) return byConfig;
  return lacksChange(machine, 'file-load') && !mayHaveLaterChanges(release) ? false : undefined;
}
