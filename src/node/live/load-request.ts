import type { RandomSource } from '../../base/random.js';
import type { Range } from '../../base/range.js';
import type { TrailEntry } from '../../base/trail.js';
import type { KernelType } from '../../kernel-file/types.js';
import type { PlacementRules } from '../../kexec/arm64/placement-rules.js';
import type { PurgatoryOptions } from '../../kexec/hand-over-options.js';
import type { Kimage, KimageType } from '../../kexec/kimage.js';
import type { KernelFileRequest } from '../../kexec/load-kernel-file.js';
import type { Policy } from '../../trust/policy.js';
import type { TrustOptions } from '../keys/keyrings.js';

/** Which system call loads: `file` is kexec_file_load, `segments` is kexec_load. */
export type LoadCall = 'file' | 'segments';

/** What shall be loaded on this machine, and how. Files are paths. */
export interface LiveLoad {
  readonly kernel: string;
  /** What the kernel's file is said to be. */
  readonly kernelType?: KernelType | undefined;
  readonly initrd?: string | undefined;
  /** Without one, the next kernel has that of a UKI. */
  readonly commandLine?: string | undefined;
  /** Where there is neither; without it, the next kernel has none. */
  readonly commandLineOtherwise?: string | undefined;
  readonly type: KimageType;
  /** `file` is kexec_file_load, `segments` is kexec_load, `auto` is the first if the kernel has it, else the second. */
  readonly syscall: 'auto' | 'file' | 'segments';
  readonly policy: Policy;
  /** Whom to trust; where nobody is named, the machine's EFI variables are asked. */
  readonly trust: TrustOptions;
  /** A board's device tree, in place of the running one; for `segments`. */
  readonly dtb?: string | undefined;
  /** Segments lie within; for `segments`. */
  readonly window?: Range | undefined;
  /** Where the CPU enters, in place of purgatory; for `segments`. */
  readonly entry?: bigint | undefined;
  /** For `segments`. */
  readonly rules?: PlacementRules['name'] | undefined;
  /** What segments are placed at random by; for `segments`. */
  readonly randomPlaces?: RandomSource | undefined;
  /** Whether the kernel shall log where everything went; with `file`. */
  readonly debug?: boolean | undefined;
  /** Whether the kernel has to keep a loaded crash kernel up to date by itself. */
  readonly hotplug?: boolean | undefined;
  /** A machine file of this machine and this boot, in place of what can be read now. */
  readonly machine?: string | undefined;
  /** How purgatory hands over; for `segments`. */
  readonly purgatory?: PurgatoryOptions | undefined;
}

/** What the files are to be loaded with. */
export type LiveRequest = Omit<KernelFileRequest, 'kernel' | 'initrd'>;

/** What was loaded. */
export interface LiveLoaded {
  readonly syscall: LoadCall;
  /** The segments that were loaded; with `file`, those that the kernel made, as we predicted them, if we did. */
  readonly kimage: Kimage | undefined;
  readonly trail: readonly TrailEntry[];
}
