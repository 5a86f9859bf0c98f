import { BoundedBytes } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import type { ElfNote } from '../../formats/elf/notes.js';

/** `n_type`: struct elf_prstatus. */
const NT_PRSTATUS = 1;

/** Offsets of pr_pid and pr_reg in struct elf_prstatus of 64-bit architectures, in bytes. */
const PID_OFFSET = 32;
const REGISTERS_OFFSET = 112;
const REGISTER_SIZE = 8;

/** The registers in an architecture's `struct elf_prstatus`. */
export interface RegisterLayout {
  /** Their names, in the order of `pr_reg`. */
  readonly names: readonly string[];
  /** Those that say where the CPU was: names among {@link names}, by what they are called for people. */
  readonly shown: Readonly<Record<string, string>>;
}

/** The state of a CPU when it was stopped. */
export interface CpuState {
  /** The position of the CPU's note among the notes of all CPUs; a CPU may have left none. */
  readonly index: number;
  /** The process that ran: 0 is the idle task. */
  readonly pid: number;
  /** All registers of 64 bits by name, in the order of the note: `x0` or `rip`, for example. */
  readonly registers: Readonly<Record<string, bigint>>;
  /** The registers that say where the CPU was, by what they are called for people. */
  readonly shown: Readonly<Record<string, bigint>>;
}

/**
 * Reads the states of the CPUs that left their registers. Notes that are too short are skipped.
 *
 * @param onProblem - called for each skipped note
 */
export function readCpuStates(
  notes: readonly ElfNote[],
  layout: RegisterLayout,
  onProblem: (problem: string) => void = () => {},
): CpuState[] {
  return notes
    .filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS)
    .flatMap(({ descriptor }, index) => {
      const state = attempt(() => parseCpuState(descriptor, index, layout));
      if (!(state instanceof KexecError)) return [state];
      onProblem(state.seen);
      return [];
    });
}

function parseCpuState(descriptor: Uint8Array, index: number, { names, shown }: RegisterLayout): CpuState {
  const note = new BoundedBytes(descriptor, {
    what: `NT_PRSTATUS ${index}`,
    check: 'elf-core',
    errno: 'EINVAL',
  });
  const read = (name: string): bigint => note.u64le(REGISTERS_OFFSET + names.indexOf(name) * REGISTER_SIZE);
  return {
    index,
    pid: note.u32le(PID_OFFSET) | 0,
    registers: Object.fromEntries(names.map((name) => [name, read(name)])),
    shown: Object.fromEntries(Object.entries(shown).map(([label, name]) => [label, read(name)])),
  };
}
