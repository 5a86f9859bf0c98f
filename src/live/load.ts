import type { PurgatoryOptions } from '../arch/arm64/purgatory/options.js';
import type { PlacementRules } from '../arch/arm64/rules.js';
import { type RandomSource, systemRandom } from '../base/random.js';
import { nodeHashes } from '../host/hashes.js';
import type { TrustOptions } from '../host/keyrings.js';
import type { KernelType } from '../kernel-file/types.js';
import type { KernelFileRequest } from '../kexec/load-kernel-file.js';
import type { Kimage, KimageType } from '../kimage/kimage.js';
import type { TrailEntry } from '../kimage/trail.js';
import type { Range } from '../memory/range.js';
import type { Policy } from '../trust/policy.js';
import { chooseCall, type LoadCall } from './choose-call.js';
import { requireHotplug } from './hotplug.js';
import { loadFiles } from './load-files.js';
import { loadSegments } from './load-segments.js';
import { requireNoLockdown, requirePermission } from './permission.js';
import { thisMachine } from './this-machine.js';
import { liveTrust } from './trust.js';

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

/**
 * Loads a kernel on this machine. Each file is opened once, and what was verified is what is loaded.
 *
 * Until the one system call at the end, nothing changes; so what is loaded is the old or the new, whenever it is
 * interrupted or refused. Only a crash kernel may be gone if the kernel itself refuses its successor: it makes room first.
 *
 * @throws KexecError if it is refused; LoadRefusedError, which has the trail, once there is one.
 */
export async function loadLive(load: LiveLoad): Promise<LiveLoaded> {
  const facts = requirePermission(load.type);
  const syscall = await chooseCall(load, facts);
  if (syscall === 'segments') requireNoLockdown(facts);
  if (load.hotplug === true) requireHotplug(syscall);
  const { machine, notes } = await thisMachine(load);
  const request: LiveRequest = {
    kernelType: load.kernelType,
    commandLine: load.commandLine,
    commandLineOtherwise: load.commandLineOtherwise,
    type: load.type,
    trust: liveTrust(load.trust, load.policy, machine),
    rules: load.rules,
    randomPlaces: load.randomPlaces,
    window: load.window,
    entry: load.entry,
    purgatory: load.purgatory,
    hashes: nodeHashes,
    random: systemRandom,
  };
  return syscall === 'file'
    ? loadFiles(load, request, machine)
    : loadSegments(load, request, { machine, notes });
}
