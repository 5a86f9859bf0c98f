import { Command } from 'commander';
import { listWarnings } from '../../base/warnings.js';
import { listStopping } from '../../kdump/kdump-test-step.js';
import { SAVE_UNIT } from '../../kdump/service-units.js';
import { describeInput } from '../../node/files/file-input.js';
import { planCapture } from '../../node/kdump/capture-plan.js';
import { readKdumpStatus } from '../../node/kdump/kdump-status.js';
import { testKdump } from '../../node/kdump/kdump-test.js';
import { type Reloaded, reloadCrashKernel } from '../../node/kdump/reload.js';
import { LoadRefusedError } from '../../node/live/load-refused-error.js';
import type { LiveLoad } from '../../node/live/load-request.js';
import { readSettings, SETTINGS_PATH } from '../../node/settings/read-settings.js';
import {
  buildKdumpReloadJson,
  buildKdumpShowJson,
  buildKdumpStatusJson,
  buildKdumpTestJson,
} from '../../view/json/kdump-json.js';
import { formatKdumpShow, formatKdumpStatus, formatKdumpTest } from '../../view/text/kdump-text.js';
import { line } from '../../view/text/printable.js';
import { formatTrail } from '../../view/text/trail-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { complain } from '../terminal/complain.js';
import { REFUSED } from '../terminal/exit-codes.js';
import { printError, printText } from '../terminal/output.js';
import { PhaseBar } from '../terminal/phase-bar.js';
import { printReport } from '../terminal/reports.js';
import { errorView, outputView } from '../terminal/screen.js';
import { type CrashOptions, crashOnPurpose, requireCrashable } from './kdump-crash.js';
import { buildKdumpSaveCommand } from './kdump-save.js';

interface ReportOptions {
  readonly json?: boolean;
}

export function buildKdumpCommand(): Command {
  return new Command()
    .addCommand(buildStatusCommand())
    .addCommand(buildShowCommand())
    .addCommand(buildTestCommand())
    .addCommand(buildReloadCommand())
    .addCommand(buildKdumpSaveCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
The kdump service of this machine. After a crash, a second kernel boots in reserved memory, with the system's own initrd
and root file system, saves the log and the memory of the first, and restarts the machine. Its settings are in
${SETTINGS_PATH}, section [kdump]. kexec-file-kdump.service runs "reload" at boot.`,
        documents: ['docs/kdump.md', 'docs/installed.md'],
        examples: `
systemctl enable --now kexec-file-kdump.service
kexec-file kdump test
kexec-file kdump status`,
      }),
    );
}

function buildStatusCommand(): Command {
  return new Command('status')
    .description('print whether a crash would be captured, and what would be done with it')
    .option('--json', 'print the status as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints the crash region, the crash kernel and who loaded it, where a dump would be saved, the room there, and every
problem, with what to do about it. Run it as root: others cannot see whether the crash kernel is up to date.

Exit code 0 if a crash would be captured, 1 if not. The crash kernel of another program counts, with a warning: what it
does is not known.`,
        examples: `
kexec-file kdump status
kexec-file kdump status --json | jq .captures`,
      }),
    )
    .action(async ({ json }: ReportOptions) => {
      const status = await readKdumpStatus();
      if (json === true) printReport('kdump-status', buildKdumpStatusJson(status));
      else printText(formatKdumpStatus(status, outputView()));
      if (!status.captures) process.exitCode = REFUSED;
    });
}

function buildShowCommand(): Command {
  return new Command('show')
    .description('print the settings in effect, and the command that loads the crash kernel')
    .option('--config <file>', 'the settings', SETTINGS_PATH)
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints what "reload" would load: kernel, initrd and command line, what would be done with a dump, and the command that
loads the same. It changes nothing. --config tries settings before they are installed.

Exit code 1 if the settings are wrong, or a file that they name does not exist.`,
        examples: `
kexec-file kdump show
kexec-file kdump show --config kexec-file.conf.new
kexec-file kdump show --json | jq -r .commandLine`,
      }),
    )
    .action(({ json, config }: ReportOptions & { readonly config: string }) => {
      const settings = readSettings(config);
      const { kernel, initrd, commandLine, load } = planCapture(settings);
      const shown = {
        settingsPath: config,
        settings: settings.kdump,
        ...{ kernel, initrd, commandLine },
        load: listLoadWords(load),
      };
      if (json === true) printReport('kdump-show', buildKdumpShowJson(shown));
      else printText(formatKdumpShow(shown, outputView()));
    });
}

/** The arguments with which `load` does the same. Their files are paths, as in the settings. */
function listLoadWords({ kernel, initrd, options, policy, syscall, trust }: LiveLoad): string[] {
  const repeat = (option: string, files: LiveLoad['trust']['certs'] = []): string[] =>
    files.flatMap((file) => [option, String(file)]);
  return [
    ...['load', kernel, '--panic', '--policy', policy],
    ...(initrd === undefined ? [] : ['--initrd', describeInput(initrd)]),
    ...(syscall === 'auto' ? [] : ['--syscall', syscall]),
    ...repeat('--cert', trust.certs),
    ...repeat('--keyring', trust.keyrings),
    ...repeat('--dbx', trust.dbx),
    ...['--command-line', options.commandLine ?? ''],
  ];
}

function buildTestCommand(): Command {
  return new Command('test')
    .description('try everything between a crash and its dump that can be tried without a crash')
    .option('--json', 'print the steps as JSON')
    .option('--crash', 'then, if nothing was found and after a question, crash this machine')
    .option('--yes', 'crash without a question')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Reads the settings, finds the files, plans the load with every check, runs doctor, looks for the unit that saves and for
the driver of the root file system, saves the memory of the running kernel as after a crash, for at most a minute and
without writing anything, and looks for room in the folder of dumps. Run it as root. It changes nothing.

kexec-file crash rehearse boots the capture kernel in QEMU. Only a crash proves that this machine's disks work after
one: --crash syncs file systems and crashes the running kernel, without stopping services.

Exit code 0 if nothing was found that keeps a crash from being captured, else 1.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file kdump test
kexec-file kdump test --json | jq '.steps[] | select(.verdict != "fine")'
kexec-file kdump test --crash`,
      }),
    )
    .action(test);
}

async function test(options: ReportOptions & CrashOptions, command: Command): Promise<void> {
  requireCrashable(options, command);
  const bar = new PhaseBar();
  const steps = await testKdump((progress) => bar.show(progress)).finally(() => bar.stop());
  if (options.json === true) printReport('kdump-test', buildKdumpTestJson(steps));
  else printText(formatKdumpTest(steps, outputView()));
  if (listStopping(steps).length > 0) process.exitCode = REFUSED;
  else if (options.crash === true) await crashOnPurpose(options);
}

function buildReloadCommand(): Command {
  return new Command('reload')
    .description('load the crash kernel, if it is not loaded or has changed')
    .option('--force', 'load it even if nothing has changed')
    .option('--json', 'print what was loaded as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Loads the running kernel's own file as the crash kernel, with its initrd and a command line that starts
${SAVE_UNIT}; [kdump] in ${SETTINGS_PATH} changes each of them. Whom to trust is decided as by "load":
[kdump] or [load] name certificates and keyrings, else this machine's EFI variables db and MokListRT count.

Nothing is done if the same crash kernel is loaded: the same files, command line and policy, on the same CPUs and
memory. A load that would be refused leaves the loaded crash kernel in place.`,
        documents: ['docs/kdump.md'],
        examples: `
kexec-file kdump reload
kexec-file kdump reload --force`,
      }),
    )
    .action(reload);
}

async function reload({ force, json }: ReportOptions & { readonly force?: boolean }): Promise<void> {
  try {
    const reloaded = await reloadCrashKernel(readSettings(), force === true);
    const { reasons, record, loaded } = reloaded;
    if (json === true) {
      printReport('kdump-reload', buildKdumpReloadJson(loaded !== undefined, reasons, record));
    } else printReloaded(reloaded);
  } catch (error) {
    if (error instanceof LoadRefusedError && json !== true) {
      printError(formatTrail(error.trail, errorView()));
    }
    throw error;
  }
}

function printReloaded({ record, loaded, reasons }: Reloaded): void {
  if (loaded === undefined) {
    printText(line`the loaded crash kernel stays: nothing has changed since ${record.time}`);
    return;
  }
  for (const { check, detail, cure } of listWarnings(loaded.trail)) {
    complain(`warning: ${check}: ${detail}; ${cure}`);
  }
  const { kernel, initrd, release } = record;
  const which = release === undefined ? '' : ` (Linux ${release})`;
  const companion = initrd === undefined ? 'without an initrd' : `with ${initrd.path}`;
  printText(line`loaded the crash kernel ${kernel.path}${which}, ${companion}: ${reasons.join(', ')}`);
}
