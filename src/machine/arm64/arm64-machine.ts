import type { MachineFacts } from '../machine-facts.js';

/** The sizes of page (translation granule) that an arm64 CPU can have, in bytes. */
export type Granule = 4096 | 16384 | 65536;

/** The abilities of the CPUs. One that is not known is left out, and is not checked. */
export interface CpuFacts {
  /** The translation granules that all CPUs have. */
  readonly granules?: readonly Granule[];
  /** Whether they can run big-endian at EL1 beside little-endian. */
  readonly mixedEndian?: boolean;
}

/** The facts that only an arm64 machine has. */
export interface Arm64Facts extends CpuFacts {
  /** The flattened device tree that the running kernel was booted with. */
  readonly deviceTree: Uint8Array;
  /** The physical address of that device tree, if it is known. */
  readonly deviceTreeAddress?: bigint;
  /** How the CPUs are brought up, and down before a kexec: each `enable-method` once, such as `psci`, `spin-table`. */
  readonly enableMethods?: readonly string[];
}

/** An arm64 machine: the facts that every machine has, and its own. */
export interface Arm64Machine extends MachineFacts {
  readonly architecture: 'arm64';
  readonly pageSize: Granule;
  readonly arm64: Arm64Facts;
}
