import { encodeU32le, encodeU64le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import type { SerialPort } from '../../../machine/console.js';
import type { OnMismatch } from '../../hand-over-options.js';
import type { Purgatory } from '../../purgatory/purgatory.js';

/** As macros.inc numbers them. */
const SERIAL_KINDS: Partial<Record<SerialPort['kind'], number>> = { '8250': 2, '8250-port': 4 };
const SERIAL_NONE = 0;
const ACTIONS: Readonly<Record<OnMismatch, number>> = { halt: 0, reset: 1, continue: 3 };
const RESET_NONE = 0;
const RESET_KINDS = { memory: 1, port: 2, pci: 3 } as const;

/** A register of which a write resets the machine: `RESET_REG` of ACPI's FADT (ACPI Specification 6.5, section 5.2.9). */
export interface ResetRegister {
  readonly space: keyof typeof RESET_KINDS;
  /**
   * A physical address, or a port. In PCI configuration space, device and function on bus 0 and the offset, as the port
   * 0xcf8 takes them, and the offset's two lowest bits: `0x80000000 | device << 11 | function << 8 | offset`.
   */
  readonly address: bigint;
  /** The byte that resets: `RESET_VALUE`. */
  readonly value: number;
}

/** What our purgatory for x86_64 does, apart from the regions that it verifies; parameters.S has room for it. */
export interface PurgatoryParameters {
  /** The physical address that it enters in 64-bit mode: 0x200 bytes into a kernel's segment. */
  readonly kernelEntry: bigint;
  /** The physical address of the boot parameters, which the kernel finds in rsi. */
  readonly bootParams: bigint;
  /** The UART that it prints to. If left out, it is silent. */
  readonly serial?: SerialPort | undefined;
  readonly onMismatch: OnMismatch;
  /** Tried first, if it resets on a mismatch; then the keyboard controller, port 0xcf9 and a triple fault. */
  readonly resetRegister?: ResetRegister | undefined;
  /** Whether it may use the CPU's SHA-256 instructions. Default: `true`. */
  readonly sha2?: boolean | undefined;
  /** Whether it may use AVX and AVX2. Default: `true`. */
  readonly avx?: boolean | undefined;
}

/**
 * Fills the parameters of our purgatory.
 *
 * @throws KexecError `EINVAL`, check `purgatory-serial`, for a UART that no x86_64 machine has.
 */
export function setParameters(purgatory: Purgatory, parameters: PurgatoryParameters): void {
  const { kernelEntry, bootParams, serial, onMismatch, resetRegister } = parameters;
  const setU32 = (name: string, value: number): void => purgatory.setSymbol(name, encodeU32le(value));
  const setU64 = (name: string, value: bigint): void => purgatory.setSymbol(name, encodeU64le(value));
  setU64('kernel_entry', kernelEntry);
  setU64('boot_params_addr', bootParams);
  setU32('serial_kind', serial === undefined ? SERIAL_NONE : requireKnownKind(serial));
  setU64('serial_base', serial?.base ?? 0n);
  setU32('serial_shift', serial?.shift ?? 0);
  setU32('serial_width', serial?.width ?? 1);
  setU32('on_mismatch', ACTIONS[onMismatch]);
  setU32('reset_kind', resetRegister === undefined ? RESET_NONE : RESET_KINDS[resetRegister.space]);
  setU64('reset_address', resetRegister?.address ?? 0n);
  setU32('reset_value', resetRegister?.value ?? 0);
  setU32('use_sha2', parameters.sha2 === false ? 0 : 1);
  setU32('use_avx', parameters.avx === false ? 0 : 1);
}

function requireKnownKind({ kind }: SerialPort): number {
  const code = SERIAL_KINDS[kind];
  if (code !== undefined) return code;
  refuse('purgatory-serial', 'EINVAL', `purgatory for x86_64 writes to an 8250, and not to a ${kind}`, {
    cure: 'name an 8250: --serial 8250-port,0x3f8',
  });
}
