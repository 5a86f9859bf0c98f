import type { Range } from '../base/range.js';
import type { KernelType } from '../kernel-file/types.js';
import type { PurgatoryOptions } from './hand-over-options.js';
import type { KimageType } from './kimage.js';
import type { RuleName } from './rule-names.js';

/** Which system call loads: `file` is kexec_file_load, `segments` is kexec_load. */
export type LoadCall = 'file' | 'segments';

/**
 * What a load is asked for: the options of `plan` and `load`, without the files.
 *
 * It is plain data, so that it can be cloned to a thread or written as JSON. Each later form of a load contains this
 * value as it is: `LoadRequest` beside the bytes, `LiveLoad` beside the paths. docs/architecture.md says how to add
 * an option.
 */
export interface LoadOptions {
  /** Default: `default`, a kernel that replaces the running one. */
  readonly type?: KimageType | undefined;
  /** The type that the kernel file must have. Default: any. */
  readonly kernelType?: KernelType | undefined;
  /** The next kernel's command line. Default: that of the kernel file, if it has one. */
  readonly commandLine?: string | undefined;
  /** The command line if neither the request nor the kernel file has one. Default: none, as for the system call. */
  readonly fallbackCommandLine?: string | undefined;
  /** Whose rules decide the places. Default: `mainline`, those of the machine's own kernel. */
  readonly rules?: RuleName | undefined;
  /**
   * The system call that loads: Kexec Handover places and passes on segments in kexec_file_load alone. Default: `file`.
   */
  readonly call?: LoadCall | undefined;
  /**
   * Whether kexec_file_load may take pages of the CMA area, whose places nobody can predict (since Linux 6.17). Default:
   * `false`, which KEXEC_FILE_NO_CMA ensures.
   */
  readonly cma?: boolean | undefined;
  /**
   * Whether the next kernel of x86_64 gets what UEFI left: its system table, its memory map and setup_data. Otherwise it gets of
   * it where ACPI's tables are, and whether Secure Boot is on. Default: `true`, as kexec_file_load does.
   */
  readonly efi?: boolean | undefined;
  /** Place segments at random; a seed gives the same places again. Default: place them where the kernel would. */
  readonly randomize?: bigint | true | undefined;
  /** All segments lie within this range. Default: anywhere. */
  readonly window?: Range | undefined;
  /** Where the CPU enters. Default: purgatory, or the kernel if there is none. */
  readonly entry?: bigint | undefined;
  /**
   * Whether the running kernel updates the ELF core header of the loaded crash kernel, as with KEXEC_CRASH_HOTPLUG_SUPPORT: our
   * purgatory does not verify it then. Default: `false`.
   */
  readonly hotplug?: boolean | undefined;
  /** How purgatory hands over; `false` enters the kernel directly, as after kexec_file_load(2). */
  readonly purgatory?: PurgatoryOptions | false | undefined;
  /**
   * Whether a load is refused if the next kernel lacks something, which otherwise is a note. `kexecFileLoad()` ignores
   * it. Default: `false`.
   */
  readonly strict?: boolean | undefined;
}
