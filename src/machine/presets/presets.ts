import type { Machine } from '../machine-value.js';
import { buildQemuQ35 } from './qemu-q35.js';
import { buildQemuVirt } from './qemu-virt.js';

/** Machines that `--machine` takes by name. Each function builds its machine anew. */
export const PRESETS = {
  'qemu-virt': buildQemuVirt,
  'qemu-q35': buildQemuQ35,
} as const satisfies Readonly<Record<string, () => Machine>>;

export function isPreset(name: string): name is keyof typeof PRESETS {
  return Object.hasOwn(PRESETS, name);
}
