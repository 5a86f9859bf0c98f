import { parseKernelParameters } from './command-line.js';
import type { MachineFacts } from './machine-facts.js';

/**
 * Finds what makes the running kernel leave the firmware's runtime services alone (drivers/firmware/efi/efi.c): a
 * parameter, of which the last counts, or CONFIG_EFI_DISABLE_RUNTIME.
 *
 * @returns undefined if nothing that was recorded disables them
 */
export function findRuntimeDisabling({
  commandLine = '',
  kernel: { config } = {},
}: Pick<MachineFacts, 'commandLine' | 'kernel'>):
  | 'noefi'
  | 'efi=noruntime'
  | 'CONFIG_EFI_DISABLE_RUNTIME'
  | undefined {
  let found: ReturnType<typeof findRuntimeDisabling> =
    config?.EFI_DISABLE_RUNTIME === 'y' ? 'CONFIG_EFI_DISABLE_RUNTIME' : undefined;
  for (const { name, value = '' } of parseKernelParameters(commandLine)) {
    const options = name === 'efi' ? value.split(',') : [];
    if (name === 'noefi') found = 'noefi';
    if (options.includes('noruntime')) found = 'efi=noruntime';
    if (options.includes('runtime')) found = undefined;
  }
  return found;
}
