import { hex } from '../../base/u64.js';
import type { CrashRecord } from '../../kdump/crash-record.js';
import type { KdumpStatus } from '../../kdump/judge-status.js';
import { type KdumpTestStep, listStopping } from '../../kdump/kdump-test-step.js';
import type { SavedCrash } from '../../kdump/saved-crash.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import type { Report } from './schemas/report-schemas.js';

/** What `kdump status --json` prints. */
export function buildKdumpStatusJson(status: KdumpStatus): Report<'kdump-status'> {
  const { captures, reserved, isLoaded, record, settings, elsewhere, free, estimate, problems } = status;
  return {
    captures,
    reserved: hex(reserved),
    isLoaded,
    ...(record === undefined ? {} : { loaded: record }),
    saves: buildSavesJson(settings),
    ...(elsewhere.length === 0 ? {} : { elsewhere }),
    ...(free === undefined ? {} : { free: hex(free) }),
    ...(estimate === undefined
      ? {}
      : { estimate: { memory: hex(estimate.memory), atMost: hex(estimate.atMost) } }),
    problems,
  };
}

/** What the service loads, and how. */
export interface ShownKdump {
  /** The path of the settings file. */
  readonly settingsPath: string;
  readonly settings: KdumpSettings;
  readonly kernel: string;
  readonly initrd: string | undefined;
  readonly commandLine: string;
  /** The command that loads the same, word by word. */
  readonly load: readonly string[];
}

/** What `kdump show --json` prints. */
export function buildKdumpShowJson(shown: ShownKdump): Report<'kdump-show'> {
  const { settingsPath, settings, kernel, initrd, commandLine, load } = shown;
  return {
    settings: settingsPath,
    kernel,
    ...(initrd === undefined ? {} : { initrd }),
    commandLine,
    saves: buildSavesJson(settings),
    load,
  };
}

function buildSavesJson({
  path,
  filter,
  compress,
  after,
  keep,
}: KdumpSettings): Report<'kdump-show'>['saves'] {
  return { path, filter, compress, after, keep };
}

/** What `kdump test --json` prints. */
export function buildKdumpTestJson(steps: readonly KdumpTestStep[]): Report<'kdump-test'> {
  return { captures: listStopping(steps).length === 0, steps };
}

/** What `kdump reload --json` prints. @param reasons - why it was loaded; @param isLoaded - whether it was */
export function buildKdumpReloadJson(
  isLoaded: boolean,
  reasons: readonly string[],
  record: CrashRecord,
): Report<'kdump-reload'> {
  return { action: isLoaded ? 'loaded' : 'kept', reasons, loaded: record };
}

/** What `kdump save --json` prints. */
export function buildKdumpSaveJson(saved: SavedCrash): Report<'kdump-save'> {
  const { folder, size, hasLog, summary, problems } = saved;
  return {
    folder,
    ...(size === undefined ? {} : { size: Number(size) }),
    hasLog,
    ...(summary?.release === undefined ? {} : { release: summary.release }),
    ...(summary?.panic === undefined ? {} : { panic: summary.panic }),
    problems,
  };
}
