import { spawn } from 'node:child_process';
import type { Oracle } from './oracle.js';

/** The parameters of a boot. */
export interface OracleBoot {
  readonly oracle: Oracle;
  /** QEMU's arguments for the machine: `-m`, `-smp` and so on. */
  readonly machine: readonly string[];
  /** Path of the initramfs. */
  readonly initrd: string;
  /** Its address, which the device tree then does not contain; if left out, QEMU chooses one and adds it there. */
  readonly initrdAddress?: bigint | undefined;
  /** The kernel's command line. */
  readonly append: string;
  /** The folder for the guest's 9p share "share". */
  readonly share: string;
  /** The folder for the guest's read-only 9p share "tools". */
  readonly tools?: string;
  /** The time limit, in milliseconds. */
  readonly timeout: number;
}

/**
 * Boots the oracle. The guest switches the machine off, or panics: either ends QEMU.
 *
 * @returns the console output
 * @throws Error if QEMU cannot be run, fails, or takes too long
 */
export function bootOracle(boot: OracleBoot): Promise<string> {
  const { oracle, machine, initrd, initrdAddress, append, share, tools, timeout } = boot;
  return runToEnd(
    'qemu-system-aarch64',
    [
      ...[...machine, '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', oracle.image],
      ...(initrdAddress === undefined
        ? ['-initrd', initrd]
        : ['-device', `loader,file=${initrd},addr=${initrdAddress},force-raw=on`]),
      ...['-append', `console=ttyAMA0 loglevel=1 panic=-1 ${append}`],
      ...shared('share', share, ''),
      ...(tools === undefined ? [] : shared('tools', tools, ',readonly=on')),
    ],
    timeout,
  );
}

/**
 * Runs QEMU until it ends.
 *
 * @param program - the QEMU of an architecture
 * @param timeout - in milliseconds
 * @returns what is on its standard output: the guest's console
 * @throws Error if QEMU cannot be run, fails, or takes too long
 */
export function runToEnd(program: string, args: readonly string[], timeout: number): Promise<string> {
  const qemu = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  const text = { console: '', errors: '' };
  qemu.stdout.setEncoding('latin1').on('data', (chunk) => {
    text.console += chunk;
  });
  qemu.stderr.setEncoding('utf8').on('data', (chunk) => {
    text.errors += chunk;
  });
  return new Promise((resolve, reject) => {
    qemu.on('error', (cause) => reject(new Error(`${program} cannot be run`, { cause })));
    qemu.on('close', (status, signal) => {
      if (signal !== null) reject(new Error(`the oracle was stopped after ${timeout} ms:\n${text.console}`));
      else if (status !== 0) reject(new Error(`QEMU failed: ${text.errors}`));
      else resolve(text.console);
    });
  });
}

/** A 9p share. */
function shared(tag: string, folder: string, options: string): string[] {
  return [
    ...['-fsdev', `local,id=${tag},path=${folder},security_model=none${options}`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
}
