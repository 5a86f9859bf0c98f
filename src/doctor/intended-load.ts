import { KexecError } from '../base/error.js';
import type { Fdt } from '../formats/fdt/tree.js';
import type { Layer } from '../kernel-file/unwrap.js';
import type { LoadResult } from '../kexec/file-load.js';
import { readDeviceTree } from '../machine/arm64/read-device-tree.js';
import type { Machine } from '../machine/machine-value.js';
import type { Envelope } from '../trust/envelope.js';
import type { Hashes } from '../trust/hashes.js';
import type { TrustStore } from '../trust/keyrings/keyring.js';

/** Options of a kernel's configuration that decide about kexec, without `CONFIG_`; what is not set is absent. */
export type KernelOptions = Readonly<Record<string, string>>;

/** What is known of this machine beyond its value, because it is the one that the program runs on. */
export interface LiveFacts {
  /** The process's effective capabilities, a bit each: CapEff of `/proc/self/status`. */
  readonly capabilities?: bigint;
  /** Whether the process is in the first user namespace: what it may do in another does not count for kexec. */
  readonly isFirstUserNamespace?: boolean;
  /** Whether a seccomp filter decides which system calls the process may make. */
  readonly hasSeccompFilter?: boolean;
  /** Whether the kernel has kexec_file_load(2), which its configuration tells where that can be read. */
  readonly hasKexecFileLoad?: boolean;
  /** `/sys/kernel/kexec_loaded`: a kernel waits to be executed. */
  readonly loaded?: boolean;
  /** `/sys/kernel/kexec_crash_loaded`: a crash kernel waits for a panic. */
  readonly crashLoaded?: boolean;
}

/** What would be loaded, and by whom; every part may be missing, and then is not looked at. */
export interface IntendedLoad {
  /** An Image, once `openSubject()` has taken it out of its file. */
  readonly kernel?: Uint8Array | undefined;
  /** What was around the Image, outermost first. */
  readonly layers?: readonly Layer[] | undefined;
  /** What the signatures of these cover. */
  readonly envelopes?: readonly Envelope[] | undefined;
  /** Why no Image could be taken out of the file. */
  readonly unopened?: LoadResult | undefined;
  readonly initrd?: Uint8Array | undefined;
  /** The next kernel's command line; where it is not given, the running kernel's is taken for it. */
  readonly commandLine?: string | undefined;
  /** Whether the kernel is to be a crash kernel. */
  readonly panic?: boolean | undefined;
  /** The next kernel's configuration. */
  readonly options?: KernelOptions | undefined;
  /** Where it is left out, signatures are not looked at. */
  readonly trust?: IntendedTrust | undefined;
  readonly live?: LiveFacts | undefined;
}

/** Who is trusted, and how much that decides. */
export interface IntendedTrust {
  readonly hashes: Hashes;
  /**
   * Who is trusted: by the running kernel (`as-kernel`), as far as anybody can read its keyrings, or for a load of this
   * project. May throw a KexecError, for a variable of the machine that is malformed.
   */
  readonly storeFor: (policy: 'as-kernel' | 'enforce') => TrustStore;
  /** Whether a load enforces signatures, because it was asked to or does so unless told otherwise. */
  readonly isEnforced: boolean;
}

/** Whether an option is built in; undefined where the configuration is not known. */
export function isBuiltIn(options: KernelOptions | undefined, name: string): boolean | undefined {
  return options === undefined ? undefined : options[name] === 'y';
}

/** The device tree of a machine as a value, or nothing where it is malformed: a finding of its own tells of that. */
export function parseBootedTree(machine: Machine): Fdt | undefined {
  try {
    return readDeviceTree(machine);
  } catch (error) {
    if (error instanceof KexecError) return undefined;
    throw error;
  }
}
