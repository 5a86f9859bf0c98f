import type { Arm64Machine } from './arm64/arm64-machine.js';
import type { X86Machine } from './x86-64/x86-machine.js';

/** A machine: one member for each architecture, told apart by `architecture`. `MachineFacts` has what all share. */
export type Machine = Arm64Machine | X86Machine;
