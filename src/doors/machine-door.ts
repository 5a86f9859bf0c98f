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

export type { AcpiConsole, AcpiFacts, AcpiUart } from '../machine/acpi-facts.js';
export type { Arm64Facts, Arm64Machine, CpuFacts, Granule } from '../machine/arm64/arm64-machine.js';
export type { CmaFacts } from '../machine/cma-facts.js';
export type { DmCryptFacts, DmCryptKey } from '../machine/dm-crypt-keys.js';
export type { EfiFacts, EfiService } from '../machine/efi-facts.js';
export type { HandoverFacts } from '../machine/handover-facts.js';
export type { KdumpSettingValues, KdumpTools, KdumpUnit, Makedumpfile } from '../machine/kdump-tools.js';
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
export type { QemuFirmware } from '../machine/qemu-firmware.js';
export { type Collected, recordMachine } from '../machine/record.js';
export { formatMachine, parseMachine } from '../machine/schema.js';
export type {
  E820Entry,
  EfiHandOver,
  EfiRuntimeRegion,
  FirmwareResource,
  KernelPurgatory,
  X86Facts,
  X86Machine,
  X86ResetRegister,
} from '../machine/x86-64/x86-machine.js';
