import type { Command, Option } from 'commander';
import { DEBUG_OPTION } from '../terminal/internal-error.js';
import { USAGE_OUTPUT } from '../terminal/output.js';
import { COLOR_CHOICES, type ColorChoice, chooseColor } from '../terminal/screen.js';

/** A command: its summary for `--help`, and its declaration, loaded only if it is called. */
interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** The commands by name, in the order of `--help`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  plan: {
    summary: 'decide where a kernel, its initrd and its device tree go, and print every check',
    load: async () => (await import('./plan.js')).buildPlanCommand(),
  },
  explain: {
    summary:
      'explain in words whether a kernel loads, why not, and what to do; explain an errno or a kernel log',
    load: async () => (await import('./explain.js')).buildExplainCommand(),
  },
  preflight: {
    summary: 'plan one kernel on many recorded machines',
    load: async () => (await import('./preflight.js')).buildPreflightCommand(),
  },
  boot: {
    summary: 'boot the segments of a plan in QEMU',
    load: async () => (await import('./boot.js')).buildBootCommand(),
  },
  load: {
    summary: 'load a kernel on this machine, for exec or for a crash',
    load: async () => (await import('./load.js')).buildLoadCommand(),
  },
  exec: {
    summary: 'start the loaded kernel',
    load: async () => (await import('./exec.js')).buildExecCommand(),
  },
  unload: {
    summary: 'unload the loaded kernel',
    load: async () => (await import('./unload.js')).buildUnloadCommand(),
  },
  status: {
    summary: 'print what is loaded on this machine',
    load: async () => (await import('./status.js')).buildStatusCommand(),
  },
  doctor: {
    summary: 'find what would stop kexec or kdump on this machine, and what to do about it',
    load: async () => (await import('./doctor.js')).buildDoctorCommand(),
  },
  verify: {
    summary: 'verify signatures as the kernel does',
    load: async () => (await import('./verify.js')).buildVerifyCommand(),
  },
  sign: {
    summary: 'sign a PE file in the place where kexec looks',
    load: async () => (await import('./sign.js')).buildSignCommand(),
  },
  signature: {
    summary: 'list, detach, attach or remove the signatures of a PE file',
    load: async () => (await import('./signature.js')).buildSignatureCommand(),
  },
  inspect: {
    summary: 'show the contents of a kernel, PE file, device tree, ELF core, cpio archive or machine file',
    load: async () => (await import('./inspect.js')).buildInspectCommand(),
  },
  vmcore: {
    summary: 'read the dump of a crash: its log, registers and backtrace; save a smaller copy',
    load: async () => (await import('./vmcore.js')).buildVmcoreCommand(),
  },
  crash: {
    summary: 'build, check and size what a crash kernel needs; rehearse a crash',
    load: async () => (await import('./crash.js')).buildCrashCommand(),
  },
  machine: {
    summary: 'record a machine, or show a recorded one',
    load: async () => (await import('./machine.js')).buildMachineCommand(),
  },
};

/**
 * Builds the program for commander.
 *
 * @param called - the command that is called; only its file is loaded
 */
export async function buildProgram(called: string | undefined): Promise<Command> {
  const { Command } = await import('commander');
  const program = new Command('kexec-file')
    .description('kexec_file_load(2) for arm64: plan a load as the kernel does, explain it, and hand over.')
    .option('-V, --version', 'print the version')
    .option(DEBUG_OPTION, 'with any command: print the stack of an internal error')
    // Else the program would take options of its commands that it has, too.
    .enablePositionalOptions()
    .helpCommand(false)
    .showHelpAfterError('(--help shows the usage)')
    .configureOutput(USAGE_OUTPUT)
    .exitOverride();
  acceptColorOption(program);
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === called ? (await load()).name(name) : new Command(name);
    program.addCommand(command.description(summary).copyInheritedSettings(program));
    for (const nested of command.commands) nested.copyInheritedSettings(program);
    for (const each of [command, ...command.commands]) {
      acceptDebugOption(each);
      acceptColorOption(each).hideHelp();
    }
  }
  return program;
}

/** Lets a command accept {@link DEBUG_OPTION}, unless the option has a further meaning there, as in load. */
function acceptDebugOption(command: Command): void {
  if (command.options.some(({ long }) => long === DEBUG_OPTION)) return;
  command.addOption(command.createOption(DEBUG_OPTION, 'print the stack of an internal error').hideHelp());
}

/** Lets a command accept `--color`, which has its effect as it is read: errors of usage have colours, too. */
function acceptColorOption(command: Command): Option {
  const option = command
    .createOption('--color <when>', 'with any command: colours, on a terminal or in any case')
    .choices(COLOR_CHOICES)
    .default('auto');
  command.addOption(option).on('option:color', (when: ColorChoice) => chooseColor(when));
  return option;
}
