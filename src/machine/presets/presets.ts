import type { Machine } from '../machine-value.js';
import { buildQemuVirt } from './qemu-virt.js';

/** Machines that can be planned against by name; each is made when it is asked for. */
export const PRESETS: Readonly<Record<'qemu-virt', () => Machine>> = { 'qemu-virt': buildQemuVirt };
