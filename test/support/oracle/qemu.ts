import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The parameters of a boot. */
export interface OracleBoot {
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
 * Path of the oracle's Image, in the folder that $KEXEC_ORACLE names (docs/conformance.md says how to build one).
 *
 * @throws Error if there is none: questions without an answer must not count as agreement
 */
export function findOracleImage(): string {
  const folder = process.env.KEXEC_ORACLE;
  if (folder === undefined || folder === '') {
    throw new Error(
      'KEXEC_ORACLE is not set: it names the folder of the oracle kernel (docs/conformance.md)',
    );
  }
  const image = join(folder, 'Image');
  if (!existsSync(image)) throw new Error(`there is no oracle kernel ${image} (docs/conformance.md)`);
  return image;
}

/**
 * Path of the oracle's vmlinux with debug information, beside the Image: `vmlinux`, or `vmlinux.zst`.
 *
 * @throws Error if there is neither
 */
export function findOracleVmlinux(): string {
  const folder = dirname(findOracleImage());
  const found = ['vmlinux', 'vmlinux.zst'].map((name) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`there is no vmlinux in ${folder} (docs/conformance.md)`);
  return found;
}

/**
 * Boots the oracle. The guest switches the machine off, or panics: either ends QEMU.
 *
 * @returns the console output
 * @throws Error if QEMU cannot be run, fails, or takes too long
 */
export function bootOracle(boot: OracleBoot): Promise<string> {
  const { machine, initrd, initrdAddress, append, share, tools, timeout } = boot;
  const qemu = spawn(
    'qemu-system-aarch64',
    [
      ...[...machine, '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', findOracleImage()],
      ...(initrdAddress === undefined
        ? ['-initrd', initrd]
        : ['-device', `loader,file=${initrd},addr=${initrdAddress},force-raw=on`]),
      ...['-append', `console=ttyAMA0 loglevel=1 panic=-1 ${append}`],
      ...shared('share', share, ''),
      ...(tools === undefined ? [] : shared('tools', tools, ',readonly=on')),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeout, killSignal: 'SIGKILL' },
  );
  const text = { console: '', errors: '' };
  qemu.stdout.setEncoding('latin1').on('data', (chunk) => {
    text.console += chunk;
  });
  qemu.stderr.setEncoding('utf8').on('data', (chunk) => {
    text.errors += chunk;
  });
  return new Promise((resolve, reject) => {
    qemu.on('error', (cause) => reject(new Error('qemu-system-aarch64 cannot be run', { cause })));
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
