import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildElfcorehdr } from '../../../src/kexec/build-elfcorehdr.js';
import { buildPackageCommand } from '../../support/package-program.js';
import { runProgram } from '../../support/programs.js';
import { scenarioOf } from '../placement/answer.js';
import { CRASH_SEGMENTS, describePlaced } from '../placement/scenario.js';
import type { Crash } from './crash.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

/** The call stack of the panic, innermost first. */
const FRAMES = ['panic', 'sysrq_handle_crash', 'write_sysrq_trigger', 'vfs_write', 'el0t_64_sync'];

/** The checks of every crash, by name. Each returns the failures, in words. */
export const CHECKS: Readonly<Record<string, (crash: Crash, vmlinux: string) => string[]>> = {
  /** Compares our ELF core header with that of the capture kernel, byte by byte. */
  'ELF core header': ({ machine, elfcorehdr }) => {
    const isOurs = Buffer.compare(readFileSync(elfcorehdr), buildElfcorehdr(machine)) === 0;
    return isOurs ? [] : ['what the capture kernel was given is not what we build'];
  },

  /** Compares `plan` on the recorded machine with the kernel's log of the load. */
  plan: ({ shape, machineFile, kernel, initrd, commandLine, log }) => {
    if (shape.syscall === 'segments') return [];
    const plan = JSON.parse(
      kexecFile(
        ...['plan', kernel, '--initrd', initrd, '--command-line', commandLine, '--panic'],
        ...['--machine', machineFile, '--policy', 'permissive', '--json'],
      ),
    ) as { segments: { name: string; mem: string; bufsz: string; memsz: string }[] };
    const ours = new Map(
      plan.segments.map(({ name, mem, bufsz, memsz }) => [name, [mem, bufsz, memsz].join(' ')]),
    );
    const { outcome } = scenarioOf({ type: 'crash', kernel: 'oracle' }, { errno: 0, log });
    if (typeof outcome === 'string' || CRASH_SEGMENTS.some((name) => !outcome.has(name)))
      return ['the kernel did not log it'];
    return [...outcome]
      .filter(([name, placed]) => ours.get(name) !== describePlaced(placed))
      .map(([name, placed]) => `${name}: ${ours.get(name)}, and in the kernel ${describePlaced(placed)}`);
  },

  'vmcore info': ({ shape, vmcore }) => {
    const { panic, cpus, problems, vmcoreinfo } = JSON.parse(kexecFile('vmcore', 'info', vmcore, '--json'));
    return [
      ...(panic === PANIC ? [] : [`the panic is said to be: ${panic}`]),
      ...(cpus.length === shape.cpus ? [] : [`it has ${cpus.length} CPUs`]),
      ...(vmcoreinfo.KERNELOFFSET === '0' ? ['KASLR left the kernel where it was linked'] : []),
      ...problems,
    ];
  },

  /** Compares the log with the output of kexec-tools' program, byte by byte. */
  'vmcore dmesg': ({ vmcore }) => {
    const ours = kexecFile('vmcore', 'dmesg', vmcore);
    const [program, ...args] = buildPackageCommand('kexec-tools', 'sbin/vmcore-dmesg');
    const theirs = runProgram(program, [...args, vmcore]);
    const last = ours.slice(-4000);
    return [
      ...(ours === theirs ? [] : ['vmcore-dmesg prints another log']),
      ...(last.includes(PANIC) && last.endsWith('] Bye!\n') ? [] : [`it ends with ${last.slice(-200)}`]),
    ];
  },

  'vmcore gdb': ({ vmcore }, vmlinux) => askGdb(vmcore, vmlinux),

  readelf: ({ vmcore }) => {
    const { status, stderr } = spawnSync('aarch64-linux-gnu-readelf', ['-aW', vmcore], { encoding: 'utf8' });
    return status === 0 && stderr === '' ? [] : [`readelf ends with ${status}: ${stderr}`];
  },

  'crash lint': ({ vmcore, machineFile }) => {
    const { findings } = JSON.parse(
      kexecFile('crash', 'lint', vmcore, '--machine', machineFile, '--json'),
    ) as { findings: { what: string }[] };
    return findings.map(({ what }) => what);
  },
};

/** Asks gdb for the call stack of the panic. @returns what is missing, in words */
export function askGdb(vmcore: string, vmlinux: string): string[] {
  const command = kexecFile('vmcore', 'gdb', vmcore, vmlinux).trim();
  const said = runProgram('sh', ['-c', `${command} -nx -batch`]);
  const pattern = FRAMES.map((name) => `^#\\d+ .*\\b${name} \\(.*\\) at \\S+:\\d+$`).join('[^]*');
  return new RegExp(pattern, 'm').test(said) ? [] : [`the backtrace is\n${said}`];
}

/** Runs the built command; throws if it fails. */
export function kexecFile(...args: readonly string[]): string {
  return runProgram(process.execPath, ['bin/kexec-file.js', ...args]);
}
