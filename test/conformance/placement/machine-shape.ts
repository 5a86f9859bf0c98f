import type { Fdt } from '../../../src/formats/fdt/tree.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import type { Load } from './scenario.js';

/** A machine on which the oracle boots, and the loads there. */
export interface MachineShape {
  /** Also the name of its file in recorded/. */
  readonly name: string;
  readonly memory: string;
  readonly cpus?: number;
  readonly cpu?: string;
  /** The value of QEMU's `-M`. */
  readonly type?: string;
  /** Whether it boots by UEFI firmware; ACPI tables then describe it, unless its type says `acpi=off`. */
  readonly uefi?: boolean;
  /** Further arguments for QEMU. */
  readonly options?: readonly string[];
  /** The only release that knows what it has; all of them if left out. */
  readonly only?: OracleRelease;
  /** The kernel's command line without the console. */
  readonly append?: string;
  /** Changes the device tree that QEMU makes. */
  readonly edit?: (fdt: Fdt) => void;
  /** The address of the oracle's initramfs, which is then not in the device tree. */
  readonly initrdAddress?: bigint;
  /** dm-crypt keys that crash kernels are given, by the names of their folders; a key without a description has none. */
  readonly keys?: Readonly<Record<string, string | undefined>>;
  readonly loads: readonly Load[];
  /** The next kernel. */
  readonly next?: NextShape;
}

/** The next kernel, which is the oracle again. It finds another machine. */
export interface NextShape {
  readonly by: 'kexec' | 'crash';
  /** Its command line without the arguments of every stage. */
  readonly append: string;
  readonly loads: readonly Load[];
}

/** The names of the machine that a shape describes, and of that which its next kernel finds. */
export function namesOf({ name, next }: MachineShape): string[] {
  return next === undefined ? [name] : [name, `${name}, then ${next.by}`];
}

/** QEMU's arguments for NUMA nodes of given sizes, with one CPU each and the remaining CPUs on the last. */
export function numaNodes(sizes: readonly string[]): string[] {
  return sizes.flatMap((memory, node) => [
    ...['-object', `memory-backend-ram,id=ram${node},size=${memory}`],
    ...['-numa', `node,nodeid=${node},memdev=ram${node}`],
  ]);
}
