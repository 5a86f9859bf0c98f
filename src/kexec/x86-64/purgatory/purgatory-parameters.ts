import { encodeU32le, encodeU64le } from '../../../base/bytes.js';
import { refuse } from '../../../base/error.js';
import type { SerialPort } from '../../../machine/console.js';
import type { X86ResetRegister } from '../../../machine/x86-64/x86-machine.js';
import type { OnMismatch } from '../../hand-over-options.js';
import type { Purgatory } from '../../purgatory/purgatory.js';
import { encodeResetRegister, NO_REGISTER } from './encode-reset-register.js';

/** As macros.inc numbers them. */
const SERIAL_KINDS: Partial<Record<SerialPort['kind'], number>> = { '8250': 2, '8250-port': 4 };
const SERIAL_NONE = 0;
const ACTIONS: Readonly<Record<OnMismatch, number>> = { halt: 0, reset: 1, continue: 3 };

/** What our purgatory for x86_64 does, apart from the regions that it verifies; parameters.S has room for it. */
export interface PurgatoryParameters {
  /** The physical address that it enters in 64-bit mode: 0x200 bytes into a kernel's segment. */
  readonly kernelEntry: bigint;
  /** The physical address of the boot parameters, which the kernel finds in rsi. */
  readonly bootParams: bigint;
  /** The UART that it prints to. If left out, it is silent. */
  readonly serial?: SerialPort | undefined;
  readonly onMismatch: OnMismatch;
  /** Tried first, if it resets on a mismatch and purgatory can write to it; then the keyboard controller, port 0xcf9 and a triple fault. */
  readonly resetRegister?: X86ResetRegister | undefined;
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
  const reset = (resetRegister && encodeResetRegister(resetRegister)) ?? NO_REGISTER;
  const setU32 = (name: string, value: number): void => purgatory.setSymbol(name, encodeU32le(value));
  const setU64 = (name: string, value: bigint): void => purgatory.setSymbol(name, encodeU64le(value));
  setU64('kernel_entry', kernelEntry);
  setU64('boot_params_addr', bootParams);
  setU32('serial_kind', serial === undefined ? SERIAL_NONE : requireKnownKind(serial));
  setU64('serial_base', serial?.base ?? 0n);
  setU32('serial_shift', serial?.shift ?? 0);
  setU32('serial_width', serial?.width ?? 1);
  setU32('on_mismatch', ACTIONS[onMismatch]);
  setU32('reset_kind', reset.kind);
  setU64('reset_address', reset.address);
  setU32('reset_value', reset.value);
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
