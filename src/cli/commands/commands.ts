import type { Command } from 'commander';
import type { ProgramBuilder } from './program-builder.js';

/** The subject of a command, the heading above it in `--help`. */
type CommandGroup =
  | 'On this machine'
  | 'Decide and explain'
  | 'Signatures'
  | 'Crashes'
  | 'Machines and files'
  | 'Help';

/** A command: its group and summary for `--help`, and its declaration, loaded only if it is called. */
interface CommandEntry {
  readonly group: CommandGroup;
  readonly summary: string;
  /** @param buildProgram - for a command about commands */
  readonly load: (buildProgram: ProgramBuilder) => Promise<Command>;
}

/** The commands by name, in the order of `--help`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  doctor: {
    group: 'On this machine',
    summary: 'find what would stop kexec or kdump on this machine, and what to do about it',
    load: async () => (await import('./doctor.js')).buildDoctorCommand(),
  },
  load: {
    group: 'On this machine',
    summary: 'load a kernel on this machine, for exec or for a crash',
    load: async () => (await import('./load.js')).buildLoadCommand(),
  },
  exec: {
    group: 'On this machine',
    summary: 'start the loaded kernel',
    load: async () => (await import('./exec.js')).buildExecCommand(),
  },
  unload: {
    group: 'On this machine',
    summary: 'unload the loaded kernel',
    load: async () => (await import('./unload.js')).buildUnloadCommand(),
  },
  status: {
    group: 'On this machine',
    summary: 'print what is loaded on this machine',
    load: async () => (await import('./status.js')).buildStatusCommand(),
  },
  kdump: {
    group: 'On this machine',
    summary: 'keep a crash kernel loaded, and save the dump of a crash',
    load: async () => (await import('./kdump.js')).buildKdumpCommand(),
  },
  plan: {
    group: 'Decide and explain',
    summary: 'decide where a kernel, its initrd and its device tree go, and print every check',
    load: async () => (await import('./plan.js')).buildPlanCommand(),
  },
  explain: {
    group: 'Decide and explain',
    summary:
      'explain in words whether a kernel loads, why not, and what to do; explain an errno or a kernel log',
    load: async () => (await import('./explain.js')).buildExplainCommand(),
  },
  preflight: {
    group: 'Decide and explain',
    summary: 'plan one kernel on many recorded machines',
    load: async () => (await import('./preflight.js')).buildPreflightCommand(),
  },
  boot: {
    group: 'Decide and explain',
    summary: 'boot the segments of a plan in QEMU',
    load: async () => (await import('./boot.js')).buildBootCommand(),
  },
  verify: {
    group: 'Signatures',
    summary: 'verify signatures as the kernel does',
    load: async () => (await import('./verify.js')).buildVerifyCommand(),
  },
  sign: {
    group: 'Signatures',
    summary: 'sign a PE file in the place where kexec looks',
    load: async () => (await import('./sign.js')).buildSignCommand(),
  },
  signature: {
    group: 'Signatures',
    summary: 'list, detach, attach or remove the signatures of a PE file',
    load: async () => (await import('./signature.js')).buildSignatureCommand(),
  },
  vmcore: {
    group: 'Crashes',
    summary: 'read the dump of a crash: its log, registers and backtrace; save a smaller copy',
    load: async () => (await import('./vmcore.js')).buildVmcoreCommand(),
  },
  crash: {
    group: 'Crashes',
    summary: 'build, check and size what a crash kernel needs; rehearse a crash',
    load: async () => (await import('./crash.js')).buildCrashCommand(),
  },
  machine: {
    group: 'Machines and files',
    summary: 'record a machine, or show a recorded one',
    load: async () => (await import('./machine.js')).buildMachineCommand(),
  },
  hook: {
    group: 'Machines and files',
    summary: 'what the hooks of kernel packages run: sign a new kernel, and warn if it would not load',
    load: async () => (await import('./hook.js')).buildHookCommand(),
  },
  inspect: {
    group: 'Machines and files',
    summary: 'show the contents of a kernel, PE file, device tree, ELF core, cpio archive or machine file',
    load: async () => (await import('./inspect.js')).buildInspectCommand(),
  },
  ui: {
    group: 'Machines and files',
    summary: 'open the inspector in a browser: a page that shows what is in files',
    load: async () => (await import('./ui.js')).buildUiCommand(),
  },
  help: {
    group: 'Help',
    summary: 'explain a command, with examples',
    load: async (buildProgram) => (await import('./help.js')).buildHelpCommand(buildProgram),
  },
  completion: {
    group: 'Help',
    summary: 'print the script that completes command lines in bash, zsh or fish',
    load: async (buildProgram) => (await import('./completion.js')).buildCompletionCommand(buildProgram),
  },
  version: {
    group: 'Help',
    summary: 'print the version',
    load: async () => (await import('./version.js')).buildVersionCommand(),
  },
};
