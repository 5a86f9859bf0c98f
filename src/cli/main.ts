import { basename } from 'node:path';
import type { Command } from 'commander';
import { readerIsGone } from './terminal/output.js';
import { packageVersion } from './terminal/version.js';

/** The commands: each is a file of its own, loaded only when it is the one called. */
const COMMANDS: Record<string, { readonly summary: string; readonly load: () => Promise<Command> }> = {
  plan: {
    summary: 'decide where a kernel, its initrd and its device tree go, and say why',
    load: async () => (await import('./commands/plan.js')).planCommand(),
  },
  explain: {
    summary: 'say in words what would become of a load, why, and what to do; read an errno or a log',
    load: async () => (await import('./commands/explain.js')).explainCommand(),
  },
  preflight: {
    summary: 'say which of many recorded machines load a kernel, where it lands, and why the others do not',
    load: async () => (await import('./commands/preflight.js')).preflightCommand(),
  },
  boot: {
    summary: 'boot the very segments of a plan in QEMU',
    load: async () => (await import('./commands/boot.js')).bootCommand(),
  },
  load: {
    summary: 'load a kernel on this machine, to be entered by exec or after a crash',
    load: async () => (await import('./commands/load.js')).loadCommand(),
  },
  exec: {
    summary: 'enter the loaded kernel',
    load: async () => (await import('./commands/exec.js')).execCommand(),
  },
  unload: {
    summary: 'drop the loaded kernel',
    load: async () => (await import('./commands/unload.js')).unloadCommand(),
  },
  status: {
    summary: 'say what is loaded on this machine',
    load: async () => (await import('./commands/status.js')).statusCommand(),
  },
  doctor: {
    summary: 'say what would stop kexec or kdump here, and what to do about it',
    load: async () => (await import('./commands/doctor.js')).doctorCommand(),
  },
  verify: {
    summary: 'verify signatures as the kernel does, and say whose they are or what is wrong with them',
    load: async () => (await import('./commands/verify.js')).verifyCommand(),
  },
  sign: {
    summary: 'sign a PE file, where kexec looks',
    load: async () => (await import('./commands/sign.js')).signCommand(),
  },
  signature: {
    summary: 'list, detach, attach or remove the signatures of a PE file',
    load: async () => (await import('./commands/signature.js')).signatureCommand(),
  },
  inspect: {
    summary: 'show what is in an Image, PE file, device tree, ELF core, cpio archive or machine file',
    load: async () => (await import('./commands/inspect.js')).inspectCommand(),
  },
  vmcore: {
    summary: 'read what a crash left: its log, its registers, its memory map, its backtrace',
    load: async () => (await import('./commands/vmcore.js')).vmcoreCommand(),
  },
  crash: {
    summary: 'build, check and size what a crash kernel needs',
    load: async () => (await import('./commands/crash.js')).crashCommand(),
  },
  machine: {
    summary: 'record a machine to plan against, or show one',
    load: async () => (await import('./commands/machine.js')).machineCommand(),
  },
};

/** Exit code for input that was refused. */
const REFUSED = 1;
/** Exit code for wrong usage. */
const USAGE = 2;

async function main(args: readonly string[]): Promise<void> {
  // Answered before anything is loaded: scripts ask it often.
  if (args[0] === '--version' || args[0] === '-V') {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  const program = await buildProgram(args[0]);
  await program.parseAsync(args, { from: 'user' });
}

async function buildProgram(called: string | undefined): Promise<Command> {
  const { Command } = await import('commander');
  const program = new Command('kexec-file')
    .description('kexec_file_load(2) for arm64: decide as the kernel decides, say why, and hand over.')
    .option('-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride();
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === called ? (await load()).name(name) : new Command(name);
    program.addCommand(command.description(summary).copyInheritedSettings(program));
    for (const nested of command.commands) nested.copyInheritedSettings(program);
  }
  if (called === undefined) program.help({ error: true });
  return program;
}

/** Called as `kexec`, by a link of that name, this is the program of kexec-tools. */
async function mainAsKexec(args: readonly string[]): Promise<void> {
  const { kexecMain } = await import('./kexec-tools/kexec-main.js');
  process.exitCode = await kexecMain(args);
}

/** What went wrong, in words on standard error, and the exit code that says so. */
async function report(error: unknown): Promise<number> {
  const { KexecError } = await import('../base/error.js');
  if (error instanceof KexecError) {
    const { formatRefusal } = await import('../view/text/trail-text.js');
    process.stderr.write(`${formatRefusal(error, { color: process.stderr.isTTY === true })}\n`);
    return REFUSED;
  }
  const { CommanderError } = await import('commander');
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  throw error;
}

process.stdout.on('error', async (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return readerIsGone();
  const { toAccessError } = await import('../node/files/access-error.js');
  process.exit(await report(toAccessError('cannot write to standard output', error)));
});

const isKexec = basename(process.argv[1] ?? '') === 'kexec';
(isKexec ? mainAsKexec : main)(process.argv.slice(2)).catch(async (error: unknown) => {
  process.exitCode = await report(error);
});
