import { Command } from 'commander';
import { attempt, attemptAsync, KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import type { SavedCrash } from '../../kdump/saved-crash.js';
import { startsSave } from '../../kdump/service-command-line.js';
import { SAVE_UNIT } from '../../kdump/service-units.js';
import { readTextIfAny } from '../../node/files/read-file.js';
import { endCapture } from '../../node/kdump/end-capture.js';
import { saveCrash } from '../../node/kdump/save-crash.js';
import { readSettings, SETTINGS_PATH } from '../../node/settings/read-settings.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import { parseSettings } from '../../settings/settings.js';
import { buildKdumpSaveJson } from '../../view/json/kdump-json.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { REFUSED } from '../terminal/exit-codes.js';
import { printError, printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';

interface Options {
  readonly finish?: boolean;
  readonly json?: boolean;
}

export function buildKdumpSaveCommand(): Command {
  return new Command('save')
    .description('in the capture kernel: save the dump of the kernel that crashed')
    .option('--finish', 'then do what [kdump] after says, whether the dump was saved or not')
    .option('--json', 'print what was saved as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
${SAVE_UNIT} runs it after a crash. It makes a folder in [kdump] path, named by date and time, and
saves there dmesg.txt, the log of the kernel that crashed; info.json, as "vmcore info --json" prints it; and vmcore, as
[kdump] filter and compress say, with its SHA-256. If the disk is full, it leaves out all pages that can be left out; if
the dump is damaged, it saves all pages. If no folder can be made in [kdump] path, it saves in /var/crash. Each step is a
line on standard error.

Without /proc/vmcore, it does nothing but say so. --finish has an effect only in the kernel that was loaded for this
unit.

Exit code 0 if all was saved as configured, else 1; with --finish, 0 as soon as systemd takes over.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file kdump save
kexec-file kdump save --finish`,
      }),
    )
    .action(save);
}

/** One line for each step: on a console, among those of the kernel, a second line would be lost. */
function say(sentence: string): void {
  printError(line`kexec-file kdump: ${sentence}`);
}

async function save({ finish, json }: Options): Promise<void> {
  const settings = readSavingSettings();
  if (finish !== true || !isCaptureKernel()) {
    printSaved(await saveCrash({ settings, say }), json);
    return;
  }
  const saved = await attemptAsync(() => saveCrash({ settings, say }));
  if (saved instanceof KexecError) say(`nothing was saved: ${saved.seen}`);
  else printSaved(saved, json);
  say(`the end: ${settings.after}`);
  endCapture(settings.after);
  // The unit of the service restarts the machine for any other exit code.
  process.exitCode = 0;
}

function printSaved(saved: SavedCrash, json: boolean | undefined): void {
  if (json === true) printReport('kdump-save', buildKdumpSaveJson(saved));
  else printText(line`${describeSaved(saved)}`);
  if (saved.size === undefined || saved.problems.length > 0) process.exitCode = REFUSED;
}

/** A mistake in the settings must not cost a dump: the defaults save it. */
function readSavingSettings(): KdumpSettings {
  const settings = attempt(() => readSettings());
  if (!(settings instanceof KexecError)) return settings.kdump;
  say(`${settings.seen}; the defaults count instead of ${SETTINGS_PATH}`);
  return parseSettings('').kdump;
}

/** A machine that was booted normally is never restarted. */
function isCaptureKernel(): boolean {
  return startsSave(readTextIfAny('/proc/cmdline') ?? '');
}

function describeSaved({ folder, size, hasLog, summary, problems }: SavedCrash): string {
  const what = [
    ...(hasLog ? ['the log'] : []),
    ...(size === undefined ? [] : [`a dump of ${formatSize(size)}`]),
  ];
  const of = summary?.release === undefined ? '' : ` of Linux ${summary.release}`;
  const panic = summary?.panic === undefined ? '' : ` (${summary.panic})`;
  const wrong = problems.length === 0 ? '' : `; problems: ${problems.length}`;
  return what.length === 0
    ? `nothing was saved in ${folder}${wrong}`
    : `saved ${what.join(' and ')}${of}${panic} in ${folder}${wrong}`;
}
