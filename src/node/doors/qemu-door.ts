/**
 * QEMU: boots the segments of a plan, records QEMU's machines, rehearses a crash.
 *
 * @packageDocumentation
 */

export { type BootOptions, bootInQemu } from '../qemu/boot-qemu.js';
export type { BootEnd } from '../qemu/qemu-process.js';
export { recordFromQemu } from '../qemu/record-qemu.js';
export {
  type Rehearsal,
  type RehearsalRequest,
  type RehearsedDump,
  rehearse,
} from '../qemu/rehearsal/rehearse.js';
