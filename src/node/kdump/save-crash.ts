/** What the capture kernel does: it saves the log and the memory of the kernel that crashed. */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { attempt, KexecError, refuse } from '../../base/error.js';
import { buildReportHeader } from '../../base/report-header.js';
import { formatSize } from '../../base/sizes.js';
import { listSurplusFolders, nameDumpFolder } from '../../kdump/dump-folders.js';
import { chooseNextAttempt, type SaveAttempt } from '../../kdump/save-attempt.js';
import type { SavedCrash } from '../../kdump/saved-crash.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import { formatJson } from '../../view/json/format-json.js';
import { buildVmcoreInfoJson } from '../../view/json/vmcore-json.js';
import { formatDmesgLine } from '../../vmcore/log/dmesg.js';
import type { Vmcore } from '../../vmcore/open/open-vmcore.js';
import { isDiskFull } from '../../vmcore/save/disk-full.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { parseFilter } from '../../vmcore/save/filter.js';
import { summarizeVmcore, type VmcoreSummary } from '../../vmcore/summary/vmcore-summary.js';
import { tryAccess } from '../files/access-error.js';
import { measureFree } from '../files/free-space.js';
import { findIncomplete } from '../files/incomplete-file.js';
import { readStatus } from '../files/read-status.js';
import { syncPath } from '../files/sync-path.js';
import { writeFile } from '../files/write-file.js';
import { ProgressLines } from '../vmcore/progress-lines.js';
import { saveVmcoreFile } from '../vmcore/save-vmcore-file.js';
import { openVmcore } from '../vmcore/vmcore-file.js';
import { copyVmcoreFile } from './copy-vmcore-file.js';

/** The memory of the kernel that crashed, in a capture kernel. */
export const VMCORE_PATH = '/proc/vmcore';

/** The names of what is saved in a folder. */
export const SAVED_FILES = {
  /** The log of the kernel that crashed. */
  log: 'dmesg.txt',
  /** What `vmcore info --json` prints of the dump. */
  info: 'info.json',
  vmcore: 'vmcore',
} as const;

/** Where a dump is saved if it cannot be saved where the settings say: on the root file system. */
const FALLBACK_FOLDER = '/var/crash';

/** How a dump is saved. */
export interface SaveCrashOptions {
  readonly settings: Pick<KdumpSettings, 'path' | 'filter' | 'compress' | 'keep'>;
  /** The dump; {@link VMCORE_PATH} but in a test. */
  readonly vmcore?: string | undefined;
  /** The folder if none can be made in that of the settings; {@link FALLBACK_FOLDER} but in a test. */
  readonly fallback?: string | undefined;
  /** Called with a sentence before and after each step. */
  readonly say: (sentence: string) => void;
}

/**
 * Saves what can be saved of a crash, the log first, because it is small and says most: then the memory as configured,
 * or less, or more, if that is not possible; then facts about it. Each file has its name only when it is complete.
 *
 * @returns what was saved; what failed is a problem
 * @throws KexecError `ENOENT`, check `kdump-save`, if there is no dump: nothing is written then; `file-access` if the
 *   folder can be made, neither in that of the settings nor in the fallback.
 */
export async function saveCrash({
  settings,
  vmcore = VMCORE_PATH,
  fallback = FALLBACK_FOLDER,
  say,
}: SaveCrashOptions): Promise<SavedCrash> {
  const status = readStatus(vmcore);
  if (status === undefined)
    refuse(
      'kdump-save',
      'ENOENT',
      `there is no ${vmcore}: no crash has started this kernel; nothing was saved`,
    );
  const problems: string[] = [];
  const report = (problem: string): void => {
    problems.push(problem);
    say(problem);
  };
  const folder = makeFolderSomewhere(settings.path, fallback, report);
  say(`a dump of ${formatSize(status.size)}, to be saved in ${folder}; ${describeFree(folder)}`);
  const read = await attemptAnything(() => saveTexts(folder, vmcore, report));
  if (read instanceof Error) report(`the log cannot be read: ${describeFailure(read)}`);
  else say(`the log is in ${join(folder, SAVED_FILES.log)}`);
  const size = await saveMemory(folder, vmcore, settings, { say, report });
  if (size !== undefined) deleteSurplus(dirname(folder), settings.keep, { say, report });
  return {
    folder,
    size,
    hasLog: existsSync(join(folder, SAVED_FILES.log)),
    ...(read instanceof Error || read === undefined ? {} : { summary: read }),
    problems,
  };
}

/** A disk that is missing or broken must not cost the dump. @throws KexecError `file-access`, with what failed last */
function makeFolderSomewhere(path: string, fallback: string, report: Voice['report']): string {
  const folder = attempt(() => makeFolder(path));
  if (!(folder instanceof KexecError)) return folder;
  if (resolve(path) === resolve(fallback)) throw folder;
  report(`${folder.seen}; again, in ${fallback}`);
  return makeFolder(fallback);
}

/** Makes the folder of this crash. Only root reads a dump: it has everything that was in memory. */
function makeFolder(path: string): string {
  return tryAccess(`cannot make a folder in ${path}`, () => {
    mkdirSync(path, { recursive: true });
    const folder = join(
      path,
      nameDumpFolder(new Date(), (name) => existsSync(join(path, name))),
    );
    mkdirSync(folder, { mode: 0o700 });
    syncPath(path);
    return folder;
  });
}

/** That the room is unknown must not cost the dump. */
function describeFree(folder: string): string {
  const free = attempt(() => measureFree(folder));
  return free instanceof KexecError ? free.seen : `${formatSize(free)} are free`;
}

/** Saves the log and the facts. @returns the facts; undefined if they cannot be read */
async function saveTexts(
  folder: string,
  path: string,
  report: (problem: string) => void,
): Promise<VmcoreSummary | undefined> {
  const vmcore = openVmcore(path);
  try {
    vmcore.problems.forEach(report);
    await writeDurably(join(folder, SAVED_FILES.log), readLog(vmcore, report));
    const summary = attempt(() => summarizeVmcore(vmcore));
    if (summary instanceof KexecError) {
      report(`the facts of the dump cannot be read: ${summary.seen}`);
      return undefined;
    }
    const json = formatJson(
      { ...buildReportHeader('vmcore-info'), ...buildVmcoreInfoJson(summary) },
      'lines',
    );
    await writeDurably(join(folder, SAVED_FILES.info), [Buffer.from(`${json}\n`)]);
    return summary;
  } finally {
    vmcore.close();
  }
}

function* readLog(vmcore: Vmcore, report: (problem: string) => void): Generator<Uint8Array> {
  for (const record of vmcore.log(report)) yield formatDmesgLine(record);
}

async function writeDurably(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  await writeFile(path, chunks, { isPrivate: true });
  syncPath(path);
}

/** Where a save speaks: to the person who reads along, and for the result. */
interface Voice {
  readonly say: (sentence: string) => void;
  readonly report: (problem: string) => void;
}

/** Saves the memory. @returns the size of the dump in bytes; undefined if nothing could be saved */
async function saveMemory(
  folder: string,
  vmcore: string,
  { filter, compress }: SaveCrashOptions['settings'],
  { say, report }: Voice,
): Promise<bigint | undefined> {
  const failed: SaveAttempt[] = [];
  let next: SaveAttempt | undefined = { kind: 'filtered', filter: parseFilter(filter) ?? 0 };
  const output = join(folder, SAVED_FILES.vmcore);
  while (next !== undefined) {
    const attempted: SaveAttempt = next;
    const size = await attemptAnything(() => saveOnce(attempted, vmcore, output, { compress, say }));
    if (!(size instanceof Error)) {
      say(`the dump is in ${output}: ${formatSize(size)}`);
      return size;
    }
    removeIncomplete(output, report);
    failed.push(attempted);
    const isFull = size instanceof KexecError && isDiskFull(size);
    const chosen = chooseNextAttempt(failed, isFull);
    const why = isFull ? `it has no room, ${describeFree(folder)}` : describeFailure(size);
    report(`the dump cannot be saved: ${why}${chosen === undefined ? '' : `; ${chosen.words}`}`);
    next = chosen?.attempt;
  }
  return undefined;
}

async function saveOnce(
  attempted: SaveAttempt,
  vmcore: string,
  output: string,
  { compress, say }: Pick<KdumpSettings, 'compress'> & Pick<Voice, 'say'>,
): Promise<bigint> {
  const lines = new ProgressLines(say);
  const free = measureFree(dirname(output));
  const isPlain = attempted.kind === 'copy' || compress === 'none';
  const onProgress = (progress: SaveProgress): void => {
    // How far pages can be compressed is known only afterwards.
    if (isPlain && progress.phase === 'save') requireRoom(BigInt(progress.total), free);
    lines.show(progress);
  };
  if (attempted.kind === 'copy') return copyVmcoreFile(vmcore, output, onProgress);
  const options = { filter: attempted.filter, format: 'kdump', compression: compress } as const;
  return (await saveVmcoreFile(vmcore, output, options, onProgress)).size;
}

function requireRoom(needed: bigint, free: bigint): void {
  if (needed <= free) return;
  refuse('kdump-target', 'ENOSPC', `the dump takes ${formatSize(needed)}, and ${formatSize(free)} are free`);
}

/** Another attempt begins anew; and what is incomplete would take the room of a machine that works again. */
function removeIncomplete(output: string, report: (problem: string) => void): void {
  const incomplete = findIncomplete(output);
  if (incomplete === undefined) return;
  const removed = attempt(() =>
    tryAccess(`cannot remove ${incomplete.path}`, () => rmSync(incomplete.path, { force: true })),
  );
  if (removed instanceof KexecError) report(removed.seen);
}

/** A fault of this program must not cost the dump: it counts as a failure, and something else is tried. */
async function attemptAnything<Result>(action: () => Promise<Result>): Promise<Result | Error> {
  try {
    return await action();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function describeFailure(error: Error): string {
  return error instanceof KexecError ? error.seen : `internal error: ${error.message}`;
}

/** Deletes the oldest dumps, if there are more than configured. */
function deleteSurplus(path: string, keep: number, { say, report }: Voice): void {
  for (const name of listSurplusFolders(readdirSync(path), keep)) {
    const old = join(path, name);
    // A link may lead anywhere.
    if (!lstatSync(old).isDirectory()) continue;
    const deleted = attempt(() => tryAccess(`cannot delete ${old}`, () => rmSync(old, { recursive: true })));
    if (deleted instanceof KexecError) report(deleted.seen);
    else say(`deleted ${old}: ${keep === 1 ? 'one dump stays' : `${keep} dumps stay`}`);
  }
}
