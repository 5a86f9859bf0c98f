import { KexecError } from '../../base/error.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import { checkQemuOptions } from '../../machine/qemu-patterns.js';
import type { QemuPlatform } from './qemu-platform.js';

/**
 * Builds the arguments that select the machine; the caller adds what it runs.
 *
 * @param dumpTo - a file in which QEMU writes the device tree, in place of starting the machine
 * @throws KexecError `EINVAL`, check `qemu-options`, for options that are more than a machine.
 */
export function buildQemuArguments(options: QemuOptions, dumpTo?: string): string[] {
  checkQemuOptions(options);
  const { cpu, memory, cpus } = options;
  const machine =
    dumpTo === undefined ? options.machine : `${options.machine},dumpdtb=${escapeQemuValue(dumpTo)}`;
  return ['-M', machine, '-cpu', cpu, '-m', memory, '-smp', String(cpus), '-nic', 'none', '-display', 'none'];
}

/** Escapes a value in a list that QEMU splits at commas: a path. */
export function escapeQemuValue(value: string): string {
  return value.replaceAll(',', ',,');
}

/** Turns the reason why QEMU did not run into a refusal. */
export function toQemuError(platform: QemuPlatform, cause: unknown): KexecError {
  if (cause instanceof KexecError) return cause;
  const { code, message, stderr } = cause as NodeJS.ErrnoException & { stderr?: string };
  if (code !== 'ENOENT') return refusedByQemu(platform, stderr?.trim() || message, cause);
  const seen = `${platform.program} is not installed; on Debian: apt-get install ${platform.package}`;
  return new KexecError('qemu-run', 'ENOENT', seen, {
    cause,
    cure: 'install it, and run the same command again',
  });
}

/** QEMU runs, but does not take its options, or fails. @param said - what it printed */
export function refusedByQemu({ cpuHelp }: QemuPlatform, said: string, cause?: unknown): KexecError {
  const cure = /CPU (?:model|type)/i.test(said)
    ? `give --cpu a model that QEMU knows: ${cpuHelp} lists them; or leave --cpu out`
    : 'correct the option that QEMU names: the options of this command describe its machine';
  return new KexecError('qemu-run', 'EINVAL', said, { cause, cure });
}
