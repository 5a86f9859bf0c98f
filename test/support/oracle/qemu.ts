import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How the oracle is booted. */
export interface OracleBoot {
  /** QEMU's arguments that say which machine it is: `-m`, `-smp` and so on. */
  readonly machine: readonly string[];
  /** Path of the initramfs. */
  readonly initrd: string;
  /** Where QEMU puts it without telling the kernel; if left out, QEMU puts it somewhere and tells. */
  readonly initrdAddress?: bigint | undefined;
  /** The kernel's command line. */
  readonly append: string;
  /** The folder that the guest has as the 9p share "share". */
  readonly share: string;
  /** The folder that it has as the 9p share "tools", to be read. */
  readonly tools?: string;
  /** When it is ended, in milliseconds. */
  readonly patience: number;
}

/**
 * The oracle's Image: in the folder that $KEXEC_ORACLE names (docs/conformance.md tells how to build one).
 *
 * @throws Error if there is none: what was to be asked must not pass for answered.
 */
export function oracleImage(): string {
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
 * The oracle's vmlinux, with its debug information, beside the Image: `vmlinux`, or `vmlinux.zst`.
 *
 * @throws Error if there is neither.
 */
export function oracleVmlinux(): string {
  const folder = dirname(oracleImage());
  const found = ['vmlinux', 'vmlinux.zst'].map((name) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`there is no vmlinux in ${folder} (docs/conformance.md)`);
  return found;
}

/**
 * Boots the oracle. The guest switches the machine off, or panics: either ends QEMU.
 *
 * @returns what the console showed
 * @throws Error if QEMU cannot be run, fails, or takes too long.
 */
export function bootOracle(boot: OracleBoot): Promise<string> {
  const { machine, initrd, initrdAddress, append, share, tools, patience } = boot;
  const qemu = spawn(
    'qemu-system-aarch64',
    [
      ...[...machine, '-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', oracleImage()],
      ...(initrdAddress === undefined
        ? ['-initrd', initrd]
        : ['-device', `loader,file=${initrd},addr=${initrdAddress},force-raw=on`]),
      ...['-append', `console=ttyAMA0 loglevel=1 panic=-1 ${append}`],
      ...shared('share', share, ''),
      ...(tools === undefined ? [] : shared('tools', tools, ',readonly=on')),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: patience, killSignal: 'SIGKILL' },
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
      if (signal !== null) reject(new Error(`the oracle was ended after ${patience} ms:\n${text.console}`));
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
