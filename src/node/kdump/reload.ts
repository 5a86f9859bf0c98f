import { createHash } from 'node:crypto';
import { attemptAsync, KexecError, refuse } from '../../base/error.js';
import { adviseTrust } from '../../kdump/advise-trust.js';
import { type CrashRecord, listChanges, type WantedCrashKernel } from '../../kdump/crash-record.js';
import { startsSave } from '../../kdump/service-command-line.js';
import { findBanner } from '../../kernel-file/kernel-banner.js';
import type { Settings } from '../../settings/settings.js';
import { recordLive } from '../collect/record-live.js';
import { splitMember } from '../files/member-path.js';
import { readFile } from '../files/read-file.js';
import { examineDumpFolder } from '../live/dump-target-folder.js';
import { loadLive } from '../live/load-live.js';
import type { LiveLoaded } from '../live/load-request.js';
import { requirePermission } from '../live/require-permission.js';
import { readState } from '../live/system-calls/state.js';
import { type CapturePlan, planCapture } from './capture-plan.js';
import { readCrashRecord, writeCrashRecord } from './crash-record-file.js';
import { digestLayout } from './machine-layout.js';

/** The crash kernel after a reload. */
export interface Reloaded {
  readonly plan: CapturePlan;
  readonly record: CrashRecord;
  /** What was loaded; undefined if the loaded crash kernel stays, because it is the same. */
  readonly loaded: LiveLoaded | undefined;
  /** Why: `no crash kernel was loaded`, `the initrd has changed`. Empty if it stays. */
  readonly reasons: readonly string[];
}

/**
 * Loads the crash kernel that the settings ask for, unless the same one is loaded. It is predicted first: the kernel
 * frees the loaded one before it looks at the next, so that a refusal of its own would leave the machine without any.
 *
 * @param force - whether to load it in any case
 * @throws KexecError `EADDRNOTAVAIL`, check `crash-region`, if no memory is reserved; as `planCapture()`; check
 *   `kdump-target`, if the folder of dumps cannot be used; LoadRefusedError as `loadLive()`.
 */
export async function reloadCrashKernel(settings: Settings, force: boolean): Promise<Reloaded> {
  requirePermission('crash');
  const state = readState();
  if (state.crashSize === 0n) {
    refuse('crash-region', 'EADDRNOTAVAIL', 'no memory is reserved: /sys/kernel/kexec_crash_size is 0');
  }
  const plan = planReload(settings);
  const wanted = describeWanted(plan, digestLayout(recordLive()));
  const record = state.crashLoaded ? readCrashRecord() : undefined;
  const reasons = state.crashLoaded ? listChanges(record, wanted) : ['no crash kernel was loaded'];
  if (record !== undefined && reasons.length === 0 && !force) {
    return { plan, record, loaded: undefined, reasons };
  }
  const loaded = await load(plan);
  const next = describeLoaded(plan, wanted, loaded);
  await writeCrashRecord(next);
  return { plan, record: next, loaded, reasons: reasons.length === 0 ? ['--force'] : reasons };
}

/**
 * Decides what is loaded, and examines the folder that its dump will be saved in: a crash kernel that could not save does
 * not replace one that can, and is not said to be unchanged.
 *
 * @param root - the root of the file system; a folder in a test
 * @throws KexecError as `planCapture()` and `examineDumpFolder()`
 */
export function planReload(settings: Settings, root = '/'): CapturePlan {
  const plan = planCapture(settings, root);
  const { initrd, path } = settings.kdump;
  // An initrd that the administrator built has a target of its own.
  if (startsSave(plan.commandLine) && initrd === undefined) examineDumpFolder(path, root);
  return plan;
}

async function load(plan: CapturePlan): Promise<LiveLoaded> {
  const loaded = await attemptAsync(() => loadLive(plan.load));
  if (loaded instanceof KexecError) throw adviseTrust(loaded);
  return loaded;
}

/** Reads what a plan names, as it is on the disk now. @param layout - as {@link digestLayout} returns it */
export function describeWanted(
  { kernel, initrd, commandLine, load }: CapturePlan,
  layout: string,
): WantedCrashKernel {
  return {
    kernel: describeFile(kernel, readFile(splitMember(kernel).path)),
    ...(initrd === undefined ? {} : { initrd: describeFile(initrd, readFile(initrd)) }),
    commandLine,
    policy: load.policy,
    layout,
  };
}

/** The bytes that were loaded are described, not those on the disk, which may have changed since. */
function describeLoaded(
  { kernel, initrd }: CapturePlan,
  wanted: WantedCrashKernel,
  loaded: LiveLoaded,
): CrashRecord {
  const release = findBanner(loaded.image)?.release;
  return {
    ...wanted,
    time: new Date().toISOString(),
    ...(release === undefined ? {} : { release }),
    kernel: describeFile(kernel, loaded.file),
    ...(initrd === undefined || loaded.initrd === undefined
      ? {}
      : { initrd: describeFile(initrd, loaded.initrd) }),
    syscall: loaded.syscall,
  };
}

function describeFile(path: string, bytes: Uint8Array): CrashRecord['kernel'] {
  return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
