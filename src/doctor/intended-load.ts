import type { KexecError } from '../base/error.js';
import type { DumpTargetFolder } from '../crash/dump-room.js';
import type { Compression } from '../formats/compression/compression-names.js';
import type { InitrdReport } from '../kernel-file/initrd/initrd-report.js';
import type { Layer } from '../kernel-file/unwrap.js';
import type { LoadResult } from '../kexec/file-load.js';
import { hasFileLoad } from '../machine/has-file-load.js';
import { isBuiltIn, type KernelOptions } from '../machine/kernel-config.js';
import type { Machine } from '../machine/machine-value.js';
import type { Envelope } from '../trust/envelope.js';
import type { Hashes } from '../trust/hashes.js';
import type { TrustStore } from '../trust/keyrings/keyring.js';

/** Facts beyond the machine value that only the running machine can give. */
export interface LiveFacts {
  /** Effective capabilities of the process, one bit each: CapEff of `/proc/self/status`. */
  readonly capabilities?: bigint;
  /** Whether the process is in the initial user namespace. In any other, its capabilities do not count for kexec. */
  readonly isFirstUserNamespace?: boolean;
  /** Whether a seccomp filter restricts the system calls of the process. */
  readonly hasSeccompFilter?: boolean;
  /** The process's label, `/proc/self/attr/current`: SELinux's context, or AppArmor's profile with its mode. */
  readonly securityLabel?: string;
  /** Whether the kernel has kexec_file_load(2). The kernel's configuration says so too, where it can be read. */
  readonly hasKexecFileLoad?: boolean;
  /** `/sys/kernel/kexec_loaded`: a kernel is loaded. */
  readonly loaded?: boolean;
  /** `/sys/kernel/kexec_crash_loaded`: a crash kernel is loaded. */
  readonly crashLoaded?: boolean;
  /** What decides about the size of a dump, and where the kdump service of another program saves it. */
  readonly dump?: {
    /** `/proc/meminfo`. */
    readonly meminfo?: string | undefined;
    /** The folder; a refusal if nothing can be saved there, undefined if it is elsewhere. */
    readonly folder?: DumpTargetFolder | KexecError | undefined;
    /** The files of the capture kernel that its settings name. */
    readonly captureFiles?: CaptureFileFacts | undefined;
  };
}

/** What is known of the files of a capture kernel. */
export interface CaptureFileFacts {
  /** Those that do not exist. */
  readonly missing: readonly string[];
  /** The release in the name of the kernel's file. */
  readonly release?: string | undefined;
  /** The compression of the initrd, by its first bytes. */
  readonly compression?: Compression | undefined;
}

/** The load that is diagnosed. Every part may be missing; its checks are then skipped. */
export interface IntendedLoad {
  /** The Image; until `openIntendedKernel()` has run, the file that contains it. */
  readonly kernel?: Uint8Array | undefined;
  /** The formats that contained the Image, outermost first. */
  readonly layers?: readonly Layer[] | undefined;
  /** The parts of them that signatures cover. */
  readonly envelopes?: readonly Envelope[] | undefined;
  /** The refusal, if the file contains no Image that can be read. */
  readonly unopened?: LoadResult | undefined;
  readonly initrd?: Uint8Array | undefined;
  /** What the initrd consists of: `openIntendedKernel()` unpacks it. Without it, only its first bytes are examined. */
  readonly initrdReport?: InitrdReport | undefined;
  /** The next kernel's command line. Without it, the running kernel's command line is used. */
  readonly commandLine?: string | undefined;
  /** Whether the kernel is a crash kernel. */
  readonly panic?: boolean | undefined;
  /** The next kernel's configuration. */
  readonly options?: KernelOptions | undefined;
  /** Without it, signatures are not checked. */
  readonly trust?: IntendedTrust | undefined;
  readonly live?: LiveFacts | undefined;
}

/** The trusted certificates of a load, and whether signatures are enforced. */
export interface IntendedTrust {
  readonly hashes: Hashes;
  /**
   * Builds the trust store: of the running kernel, as far as its keyrings are known (`as-kernel`), or of a load by
   * kexec-file (`enforce`). Throws a KexecError if an EFI variable of the machine is malformed.
   */
  readonly storeFor: (policy: 'as-kernel' | 'enforce') => TrustStore;
  /** The value of the kernel's attribute security.ima. */
  readonly imaXattr?: Uint8Array | undefined;
  /** Whether the load enforces signatures: by its policy, or by default. */
  readonly isEnforced: boolean;
}

/** Whether the running kernel has kexec_file_load(2); undefined if unknown. */
export function hasKexecFileLoad(machine: Machine, { live }: IntendedLoad): boolean | undefined {
  return isBuiltIn(machine.kernel?.config, 'KEXEC_FILE') ?? live?.hasKexecFileLoad ?? hasFileLoad(machine);
}
