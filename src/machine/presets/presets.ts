import type { Machine } from '../machine-value.js';
import { buildQemuVirt } from './qemu-virt.js';

/** Machines that `--machine` takes by name. Each function builds its machine anew. */
export const PRESETS: Readonly<Record<'qemu-virt', () => Machine>> = { 'qemu-virt': buildQemuVirt };

export function isPreset(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}
