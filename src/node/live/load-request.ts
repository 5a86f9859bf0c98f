import type { TrailEntry } from '../../base/trail.js';
import type { Kimage } from '../../kexec/kimage.js';
import type { LoadCall, LoadOptions } from '../../kexec/load-options.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Policy } from '../../trust/policy.js';
import type { FileInput } from '../files/file-input.js';
import type { TrustOptions } from '../keys/keyrings.js';

/** The names of the calls. */
export const CALL_NAMES: Readonly<Record<LoadCall, string>> = {
  file: 'kexec_file_load',
  segments: 'kexec_load',
};

/** What to load on this machine, and how. Files are paths; an initrd that is built from several is its bytes. */
export interface LiveLoad {
  readonly kernel: string;
  readonly initrd?: FileInput | undefined;
  /** kexec_file_load takes no window, entry, randomize and other rules, and no hand-over by purgatory. */
  readonly options: LoadOptions;
  /** `auto` is `file` if the kernel has that system call, else `segments`. */
  readonly syscall: 'auto' | LoadCall;
  readonly policy: Policy;
  /** Whom to trust. If it names no file, the machine's EFI variables decide. */
  readonly trust: TrustOptions;
  /** A board's device tree, in place of the running one; for `segments`. */
  readonly dtb?: string | undefined;
  /** Whether the kernel should log where everything went; for `file`. */
  readonly debug?: boolean | undefined;
  /**
   * Whether a refusal that is predicted always ends the load. Without it, the kernel is asked in spite of some: but it
   * frees a loaded crash kernel before it refuses the next one.
   */
  readonly needsPrediction?: boolean | undefined;
  /**
   * A machine file of this machine and this boot, for its memory map and crash facts. Nothing else is taken from it.
   */
  readonly machine?: string | undefined;
}

/** The request, before its files are read. */
export type LiveRequest = Omit<LoadRequest, 'kernel' | 'initrd'> & Pick<LiveLoad, 'options'>;

/** What was loaded. */
export interface LiveLoaded {
  readonly syscall: LoadCall;
  /** The kernel file. */
  readonly file: Uint8Array;
  /** The Image that was in it. */
  readonly image: Uint8Array;
  /** The initrd: the given one, or that of the file. */
  readonly initrd: Uint8Array | undefined;
  /** The segments that were loaded; with `file`, those that the kernel made, as we predicted them, if we did. */
  readonly kimage: Kimage | undefined;
  readonly trail: readonly TrailEntry[];
}
