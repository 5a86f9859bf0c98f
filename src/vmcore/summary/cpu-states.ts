import { BoundedBytes } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import type { ElfNote } from '../../formats/elf/notes.js';

/** `n_type`: struct elf_prstatus. */
const NT_PRSTATUS = 1;

/** Offsets of pr_pid and pr_reg in struct elf_prstatus of arm64, in bytes. */
const PID_OFFSET = 32;
const REGISTERS_OFFSET = 112;

/** x0 to x30. */
const GENERAL_REGISTERS = 31;

/** The state of a CPU when it was stopped. Registers have 64 bits. */
export interface CpuState {
  /** The position of the CPU's note among the notes of all CPUs; a CPU may have left none. */
  readonly index: number;
  /** The process that ran: 0 is the idle task. */
  readonly pid: number;
  readonly x: readonly bigint[];
  readonly sp: bigint;
  readonly pc: bigint;
  readonly pstate: bigint;
}

/**
 * Reads the states of the CPUs that left their registers. Notes that are too short are skipped.
 *
 * @param onProblem - called for each skipped note
 */
export function readCpuStates(
  notes: readonly ElfNote[],
  onProblem: (problem: string) => void = () => {},
): CpuState[] {
  return notes
    .filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS)
    .flatMap(({ descriptor }, index) => {
      const state = attempt(() => parseCpuState(descriptor, index));
      if (!(state instanceof KexecError)) return [state];
      onProblem(state.seen);
      return [];
    });
}

function parseCpuState(descriptor: Uint8Array, index: number): CpuState {
  const note = new BoundedBytes(descriptor, {
    what: `NT_PRSTATUS ${index}`,
    check: 'elf-core',
    errno: 'EINVAL',
  });
  const register = (number: number): bigint => note.u64le(REGISTERS_OFFSET + number * 8);
  return {
    index,
    pid: note.u32le(PID_OFFSET) | 0,
    x: Array.from({ length: GENERAL_REGISTERS }, (_, number) => register(number)),
    sp: register(GENERAL_REGISTERS),
    pc: register(GENERAL_REGISTERS + 1),
    pstate: register(GENERAL_REGISTERS + 2),
  };
}
