import type { Range } from '../base/range.js';
import type { Fdt } from '../formats/fdt/tree.js';
import type { CrashMemoryRules } from './crash-memory-rules.js';
import type { CrashkernelRules } from './crashkernel-rules.js';
import type { MachineFacts } from './machine-facts.js';

/** How the CPUs are started, and stopped before a kexec. */
export interface CpuStart {
  /** The number of CPUs that there may ever be; undefined if unknown. */
  readonly possibleCpus?: number | undefined;
  /** Each method once, such as `psci`; empty if unknown. */
  readonly methods: readonly string[];
  /** Whether only firmware can stop them, so that a kexec may be impossible. */
  readonly needsFirmware: boolean;
}

/**
 * All that the generic side asks about the machines of an architecture: what is recorded differently, or follows from
 * what is recorded. `architectures.ts` lists the implementations.
 */
export interface MachineArchitecture<M extends MachineFacts = MachineFacts> {
  /** The kernel's name for it, as in `machine.architecture`. */
  readonly name: M['architecture'];

  /**
   * The device tree that the machine was booted with; undefined if the architecture boots without one.
   *
   * @throws KexecError `EINVAL`, a check of the device tree, if it is malformed.
   */
  readBootTree(machine: M): Fdt | undefined;

  /** The bytes of that device tree, as they were recorded. */
  getBootTreeBytes(machine: M): Uint8Array | undefined;

  /** The memory of that device tree; undefined if it is not known. @throws KexecError as {@link readBootTree}. */
  findBootTreeRange(machine: M): Range | undefined;

  /** Whether kernels are given a device tree at boot, if only by their EFI stub. */
  readonly bootsWithTree: boolean;

  /**
   * Whether the running kernel was booted by UEFI, by what its boot loader or EFI stub gave it.
   *
   * @returns undefined if nothing that was recorded says so
   */
  readUefiBoot(machine: M): boolean | undefined;

  /** Whether IMA takes what the EFI stub found of Secure Boot, and asks the firmware only without it. */
  readonly imaTakesStubMode: boolean;

  /**
   * What the kernel's EFI stub found of Secure Boot, and told the kernel: `enum efi_secureboot_mode`. Undefined if that was
   * not recorded.
   *
   * @throws KexecError as {@link readBootTree}.
   */
  readStubSecureBoot(machine: M): number | undefined;

  /** @throws KexecError as {@link readBootTree}. */
  readCpuStart(machine: M): CpuStart;

  /** What the machine's running kernel does with `crashkernel=`. */
  findCrashkernelRules(machine: M): CrashkernelRules;

  /** What a crash kernel takes of its region on the machine. */
  findCrashMemoryRules(machine: M): CrashMemoryRules;

  /** The option with which its kernels verify the files that they load, without `CONFIG_`; undefined if it is not known. */
  readonly verifierOption: string | undefined;

  /** A machine with the places that it lacks, as of its device tree, out of the machine file of the same boot. */
  adoptPlaces(machine: M, recorded: M): M;

  /** The facts that only these machines have, for people. */
  describe(machine: M): Readonly<Record<string, string | boolean>>;
}
