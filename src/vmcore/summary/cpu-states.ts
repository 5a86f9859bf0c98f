import { BoundedBytes } from '../../base/bytes.js';
import { KexecError } from '../../base/error.js';
import type { ElfNote } from '../../formats/elf/notes.js';

/** `n_type`: struct elf_prstatus. */
const NT_PRSTATUS = 1;

/** Where struct elf_prstatus of arm64 has pr_pid and pr_reg, in bytes. */
const PID = 32;
const REGISTERS = 112;

/** Numbers of general registers: x0 to x30. */
const GENERAL = 31;

/** What a CPU did when it was stopped. Registers as they were, 64 bits each. */
export interface CpuState {
  /** In the order of the notes: that of the CPUs, less those that left no note. */
  readonly index: number;
  /** The process that ran: 0 is the idle task. */
  readonly pid: number;
  readonly x: readonly bigint[];
  readonly sp: bigint;
  readonly pc: bigint;
  readonly pstate: bigint;
}

/** The CPUs that left their registers; a note that is too short is told, and passed by. */
export function readCpuStates(notes: readonly ElfNote[], problem: (what: string) => void): CpuState[] {
  return notes
    .filter(({ name, type }) => name === 'CORE' && type === NT_PRSTATUS)
    .flatMap(({ descriptor }, index) => {
      try {
        return [cpuState(descriptor, index)];
      } catch (error) {
        if (!(error instanceof KexecError)) throw error;
        problem(error.seen);
        return [];
      }
    });
}

function cpuState(descriptor: Uint8Array, index: number): CpuState {
  const note = new BoundedBytes(descriptor, {
    what: `NT_PRSTATUS ${index}`,
    check: 'elf-core',
    errno: 'EINVAL',
  });
  const register = (number: number): bigint => note.u64le(REGISTERS + number * 8);
  return {
    index,
    pid: note.u32le(PID) | 0,
    x: Array.from({ length: GENERAL }, (_, number) => register(number)),
    sp: register(GENERAL),
    pc: register(GENERAL + 1),
    pstate: register(GENERAL + 2),
  };
}
