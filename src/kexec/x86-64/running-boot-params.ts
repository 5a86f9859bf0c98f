import { BOOT_PARAMS_SIZE } from '../../formats/boot-params-fields.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';

/** A copy of the running kernel's own boot parameters, whole; zeros where they are unknown. */
export function readRunningBootParams({ x86: { bootParams } }: X86Machine): DataView {
  const bytes = new Uint8Array(BOOT_PARAMS_SIZE);
  if (bootParams !== undefined) bytes.set(bootParams.subarray(0, BOOT_PARAMS_SIZE));
  return new DataView(bytes.buffer);
}
