import type { Range } from '../base/range.js';
import type { Trail } from '../base/trail.js';
import type { KernelSize } from '../crash/kernel-size.js';
import type { CoreRules } from '../machine/core-rules.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { Kimage, KimageType } from './kimage.js';
import type { LoadInProgress, PlacementInProgress } from './load-in-progress.js';
import type { RuleName } from './rule-names.js';

/**
 * A type of kernel file that an architecture loads: the kernel's `struct kexec_file_ops`. All four functions throw a
 * KexecError with the errno that the system call would return.
 */
export interface KernelLoader<M extends MachineFacts = MachineFacts> {
  /** The name of the type: `Image`. */
  readonly name: string;

  /**
   * Recognises a file of this type that the machine can enter.
   *
   * @param machine - undefined if only the file is asked about
   */
  probe(kernel: Uint8Array, trail: Trail, machine?: M): void;

  /** Verifies the kernel's signature, and the form of the file that carries it. */
  verify(load: LoadInProgress<M>): void;

  /** Checks whether the machine can run the kernel, before any segment is placed. */
  check(load: LoadInProgress<M>): void;

  /**
   * Places all segments: the kernel, the initrd, the ELF core header, the device tree or boot parameters for the next
   * kernel, and purgatory. Runs several times if places are drawn at random.
   *
   * @returns the physical address where the CPU enters
   */
  load(placement: PlacementInProgress<M>): bigint;
}

/** The memory map in which a kernel searches for the places of segments. */
export interface SearchedMap {
  /** memblock, without what is reserved there; or the resources of `/proc/iomem`, whose children count as free. */
  readonly name: 'memblock' | 'iomem';
  /** Whether the machine has it as its kernel has it. */
  readonly isExact: boolean;
  /** The option that would decide, if the configuration of the machine's kernel is unknown. */
  readonly undecidedBy?: string;
}

/** A range in the memory map that a load hands to the next kernel. */
export interface NextMapEntry {
  readonly range: Range;
  readonly isRam: boolean;
}

/** The memory map that a load hands to the next kernel. */
export interface NextMap {
  readonly entries: readonly NextMapEntry[];
  /** The entries that there is no room for. */
  readonly dropped: readonly NextMapEntry[];
  /** Whether memory that was added while the running kernel runs may be in it by mistake: when it was is unknown. */
  readonly mayHaveAdded: boolean;
}

/**
 * All that the generic side asks of an architecture. A folder of kexec/ implements it, and `architectures.ts` lists it;
 * no other file imports from that folder.
 */
export interface Architecture<M extends MachineFacts = MachineFacts> {
  /** The kernel's name for it, as in `machine.architecture`. */
  readonly name: M['architecture'];

  /** The types of kernel file, in the order in which they are tried: the kernel's `kexec_file_loaders`. */
  readonly loaders: readonly KernelLoader<M>[];

  /** The rules of placement that it supports. The first is the default. */
  readonly ruleNames: readonly RuleName[];

  /** `COMMAND_LINE_SIZE` in bytes, the terminating NUL included. Undefined if the next kernel decides, which `check` asks. */
  readonly commandLineSize?: number;

  /** Segments end below this address: `KEXEC_DESTINATION_MEMORY_LIMIT`. */
  findDestinationLimit(machine: M): bigint;

  /** Segments that are placed at random lie within this range. */
  readonly randomWindow: Range;

  /** The rules of its ELF core header. */
  readonly elfcorehdr: CoreRules<M>;

  /**
   * Checks whether the running kernel has the system call that makes the load, before the kernel reads a file.
   *
   * @throws KexecError `ENOSYS`, check `running-call`.
   */
  checkCall(load: LoadInProgress<M>): void;

  /** The ranges where the segments of a kernel may lie that replaces the running one, lowest first. */
  findDestinations(machine: M): readonly Range[];

  /**
   * What a kernel takes when it runs, by its header.
   *
   * @throws KexecError as `probe` of its loader, for a file that has no such header.
   */
  measureKernel(kernel: Uint8Array): KernelSize;

  /** Where the running kernel searches for places. */
  findSearchedMap(machine: M): SearchedMap;

  /**
   * The memory map that a load of a type hands to the next kernel. Left out if the next kernel finds its memory otherwise, as by
   * a device tree.
   *
   * @returns undefined if it is not known
   */
  findNextMap?(machine: M, type: KimageType): NextMap | undefined;

  /**
   * Builds the file from which a virtual machine boots a kimage, in pieces. Default: an ELF executable whose PT_LOADs are the
   * segments, and whose entry is the kimage's.
   */
  buildBootFile?(kimage: Kimage, machine: M): Uint8Array[];

  /** Whether a search for the highest place begins in the lowest of these ranges all the same. Default: in the highest. */
  searchesUpwards?(load: LoadInProgress<M>): boolean;
}
