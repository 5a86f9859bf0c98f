/**
 * QEMU: boots the segments of a plan, records QEMU's machines, rehearses a crash.
 *
 * @example
 * ```js
 * import { recordFromQemu } from 'kexec-file/qemu';
 *
 * const machine = await recordFromQemu({ machine: 'virt', cpu: 'cortex-a57', memory: '4G', cpus: 2 });
 * const [{ start, end }] = machine.memory;
 * console.log(`RAM from 0x${start.toString(16)} to 0x${end.toString(16)}`);
 * // → RAM from 0x40000000 to 0x140000000
 * ```
 *
 * @packageDocumentation
 */

export type { RehearsalOutcome } from '../../crash/rehearsal/outcome.js';
export { planStandIn, type StandIn, type StandInOptions } from '../../crash/rehearsal/stand-in.js';
export { type BootOptions, bootInQemu } from '../qemu/boot-qemu.js';
export type { BootEnd, GuestOptions } from '../qemu/qemu-process.js';
export { recordFromQemu } from '../qemu/record-qemu.js';
export type { RehearsedDump } from '../qemu/rehearsal/rehearsal-disks.js';
export { type Rehearsal, type RehearsalRequest, rehearse } from '../qemu/rehearsal/rehearse.js';
