import { type Command, InvalidArgumentError, Option } from 'commander';
import { refuse } from '../../base/error.js';
import type { LoadOptions } from '../../kexec/load-options.js';
import { RULE_NAMES, type RuleName } from '../../kexec/rule-names.js';
import { buildCaptureCommandLine, type CaptureMachine } from '../../machine/capture-command-line.js';
import { buildReusedCommandLine, joinCommandLine } from '../../machine/command-line.js';
import { PRESETS } from '../../machine/presets/presets.js';
import { POLICIES, type Policy } from '../../trust/policy.js';
import { buildWindow, parseU64, type WindowArguments } from './numbers.js';
import { parseAddress } from './option-values.js';
import { addPurgatoryOptions, type PurgatoryCliOptions, readPurgatoryOptions } from './purgatory-options.js';
import { addTrustOptions, type TrustCliOptions } from './trust-options.js';

/** The options of every command that loads a kernel, as they stand on the command line. */
export interface LoadArguments extends TrustCliOptions, PurgatoryCliOptions, WindowArguments {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly append?: string;
  readonly reuseCmdline?: boolean;
  readonly captureCmdline?: boolean;
  readonly captureRemove?: readonly string[];
  readonly machine?: string;
  readonly panic?: boolean;
  readonly rules?: RuleName;
  /** Undefined if neither `--cma` nor `--no-cma` was given. */
  readonly cma?: boolean;
  /** The seed; true without one. */
  readonly randomize?: bigint | true;
  readonly policy?: Policy;
  readonly entry?: bigint;
  readonly strict?: boolean;
}

/** Help texts of options that differ between commands. */
export interface LoadOptionTexts {
  readonly kernel: string;
  readonly machine: string;
  readonly policy: string;
  /** Whether the command also works without a kernel. */
  readonly isKernelOptional?: boolean;
}

export const PLAN_TEXTS: LoadOptionTexts = {
  kernel:
    'an Image (arm64) or a bzImage (x86_64), or a file that contains one: compressed, zboot, UKI, vmlinux, uImage, FIT; FILE#NAME takes a member',
  machine: `a machine file, or a preset: ${Object.keys(PRESETS).join(', ')}`,
  policy: 'effect of a signature (default: enforce if --cert or --keyring is given)',
};

export function addLoadOptions(command: Command, texts: LoadOptionTexts = PLAN_TEXTS): Command {
  return addPurgatoryOptions(addTrustOptions(command))
    .argument(texts.isKernelOptional === true ? '[kernel]' : '<kernel>', texts.kernel)
    .option('--initrd <file>', "the next kernel's initial RAM disk (default: that of a UKI or FIT)")
    .addOption(
      new Option(
        '--command-line <text>',
        "the next kernel's command line (default: that of a UKI, else none)",
      ).conflicts('append'),
    )
    .option(
      '--append <text>',
      'the same as --command-line; both are appended with --reuse-cmdline and --capture-cmdline',
    )
    .option(
      '--reuse-cmdline',
      "reuse the machine's command line, without BOOT_IMAGE and, with --panic, without crashkernel=",
    )
    .addOption(
      new Option(
        '--capture-cmdline',
        "make a capture kernel's command line from the machine's; implies --panic",
      )
        .conflicts('reuseCmdline')
        .implies({ panic: true }),
    )
    .addOption(
      new Option(
        '--capture-remove <name>',
        'leave a parameter out of that command line, such as irqpoll; repeatable; implies --capture-cmdline',
      )
        .argParser(collectNames)
        .conflicts('reuseCmdline')
        .implies({ captureCmdline: true, panic: true }),
    )
    .option('--machine <machine>', texts.machine)
    .option('--panic', 'load a crash kernel, into the crash region')
    .option('--mem-min <address>', 'lowest address for segments, decimal or 0x…', parseAddress)
    .option(
      '--mem-max <address>',
      'highest address for segments: the last byte that they may use',
      parseAddress,
    )
    .option('--entry <address>', 'where the CPU starts, in place of purgatory', parseAddress)
    .addOption(
      new Option(
        '--rules <rules>',
        "placement rules: of the machine's kernel, of Linux 6.12 or 7.3, or of the patches of 2017",
      )
        .choices(RULE_NAMES)
        .default('mainline'),
    )
    .option('--cma', 'let kexec_file_load place segments in the CMA area, where nobody can predict them')
    .option('--no-cma', 'keep segments out of the CMA area (Linux 6.17 and later; the default)')
    .option(
      '--randomize [seed]',
      'place every segment at random; the same seed, a number, gives the same places',
      parseSeed,
    )
    .addOption(new Option('--policy <policy>', texts.policy).choices(POLICIES))
    .option(
      '--strict',
      'refuse what the next kernel lacks (a root, an initrd, a console), instead of warning',
    )
    .option(
      '--ima-xattr <file>',
      "the value of the kernel's security.ima, for --policy as-kernel and a machine whose IMA appraises kernels",
    );
}

/** Names of parameters, separated by commas or spaces, as KDUMP_COMMANDLINE_REMOVE of kdump-utils has them. */
function collectNames(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...value.split(/[\s,]+/).filter((name) => name !== '')];
}

/** What a reused command line is made of. */
interface RunningKernel extends CaptureMachine {
  /** Undefined if unknown. */
  readonly commandLine?: string | undefined;
}

function parseSeed(text: string): bigint {
  const seed = parseU64(text);
  if (seed !== undefined) return seed;
  throw new InvalidArgumentError(
    'a seed is a number of at most 64 bits; without a seed, put --randomize last',
  );
}

/**
 * Turns options of the command line into those of a load. A new option of `plan` and `load` is declared above, mapped
 * here, and added to `LoadOptions`; nothing in between copies it.
 *
 * @param given - the options of the command line
 * @param readRunning - gives the running kernel's command line and what that of a capture kernel depends on, if an option asks for them
 * @throws KexecError `ENODATA`, check `command-line`, if it is asked for and unknown.
 */
export function readLoadOptions(given: LoadArguments, readRunning: () => RunningKernel): LoadOptions {
  const { panic, rules, cma, randomize, entry, strict } = given;
  return {
    type: panic === true ? 'crash' : 'default',
    commandLine: buildCommandLine(given, readRunning),
    rules,
    cma,
    randomize,
    entry,
    window: buildWindow(given),
    purgatory: readPurgatoryOptions(given),
    strict,
  };
}

/** Builds the next kernel's command line; undefined if no option gives one. */
function buildCommandLine(given: LoadArguments, readRunning: () => RunningKernel): string | undefined {
  const { reuseCmdline, captureCmdline, captureRemove, panic = false } = given;
  const own = given.append ?? given.commandLine;
  if (reuseCmdline !== true && captureCmdline !== true) return own;
  const { commandLine: running, ...machine } = readRunning();
  if (running === undefined) {
    const option = captureCmdline === true ? '--capture-cmdline' : '--reuse-cmdline';
    refuse('command-line', 'ENODATA', `${option}: the machine's command line was not recorded`, {
      cure: 'record the machine again (kexec-file machine record), or give the whole command line with --command-line',
    });
  }
  const reused =
    captureCmdline === true
      ? buildCaptureCommandLine(running, { ...machine, remove: captureRemove })
      : buildReusedCommandLine(running, { panic });
  return own === undefined ? reused : joinCommandLine(reused, own);
}
