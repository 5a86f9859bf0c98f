import { hasChange, mayHaveLaterChanges } from './kernel-changes.js';
import { isBuiltIn } from './kernel-config.js';
import type { MachineFacts } from './machine-facts.js';

/**
 * Whether a machine's kernel has kexec_file_load(2): by its configuration or, without it, by its release.
 *
 * @returns undefined if neither says so
 */
export function hasFileLoad({
  architecture,
  kernel: { config, release } = {},
}: MachineFacts): boolean | undefined {
  const byConfig = isBuiltIn(config, 'KEXEC_FILE');
  if (byConfig !== undefined) return byConfig;
  const isTooOld = architecture === 'arm64' && !hasChange(release, 'file-load');
  return isTooOld && !mayHaveLaterChanges(release) ? false : undefined;
}
