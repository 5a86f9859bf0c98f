/**
 * The machine value: what a plan needs to know of a machine, as a plain value and as JSON.
 *
 * @example
 * ```js
 * import { formatMachine, PRESETS, parseMachine } from 'kexec-file/machine';
 *
 * const machine = parseMachine(formatMachine(PRESETS['qemu-virt']()));
 * console.log(`${machine.name}: ${machine.memory.length} range of RAM`);
 * // → qemu-virt: 1 range of RAM
 * ```
 *
 * @packageDocumentation
 */

export type { Arm64Facts, Arm64Machine, CpuFacts, Granule } from '../machine/arm64/arm64-machine.js';
export type { Lockdown } from '../machine/lockdown.js';
export type {
  CrashFacts,
  CrashRegion,
  KernelFacts,
  KernelImage,
  KexecSignature,
  MachineFacts,
  MemorySource,
  QemuOptions,
  UnknownFact,
} from '../machine/machine-facts.js';
export type { Machine } from '../machine/machine-value.js';
export { PRESETS } from '../machine/presets/presets.js';
export { type Collected, recordMachine } from '../machine/record.js';
export { formatMachine, parseMachine } from '../machine/schema.js';
