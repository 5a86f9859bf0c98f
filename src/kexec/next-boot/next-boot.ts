import type { Decompress } from '../../formats/compression/decompress.js';
import type { CpioCompression } from '../../formats/cpio.js';
import { readEmbeddedConfig } from '../../kernel-file/embedded-config.js';
import type { InitrdProblem, InitrdReport } from '../../kernel-file/initrd/initrd-report.js';
import type { KernelBanner } from '../../kernel-file/kernel-banner.js';
import type { KernelOptions } from '../../machine/kernel-config.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { KimageType } from '../kimage.js';
import type { UefiFault } from './uefi-fault.js';

/** What the next kernel is given, and what is known of it. */
export interface NextBoot {
  readonly type: KimageType;
  /** Empty if there is none. */
  readonly commandLine: string;
  readonly initrd?: NextInitrd | undefined;
  /** Its `uname -r`; undefined if it has no banner. */
  readonly release?: string | undefined;
  /** Its configuration, if that is known. */
  readonly options?: KernelOptions | undefined;
  /** Why it ignores the UEFI that the machine has. */
  readonly uefiFault?: UefiFault | undefined;
}

/** The initrd of the next kernel. */
export interface NextInitrd {
  /** The compressions of its archives. */
  readonly kinds: readonly CpioCompression[];
  /** Why the next kernel cannot unpack all of it. */
  readonly problem?: InitrdProblem | undefined;
}

/**
 * Examines an initrd: unpacks it if `report` is undefined and `isWhole` asks for that, else reads its structure.
 *
 * @param report - what was found when it was unpacked
 */
export async function examineInitrd(
  initrd: Uint8Array,
  report: InitrdReport | undefined,
  {
    decompress,
    isWhole = false,
  }: { readonly decompress: Decompress; readonly isWhole?: boolean | undefined },
): Promise<NextInitrd> {
  if (report !== undefined) return summarize(report);
  // Loaded only where there is an initrd.
  const { skimInitrd } = await import('../../kernel-file/initrd/skim-initrd.js');
  const skimmed = await skimInitrd(initrd, decompress);
  // Only gzip is fast enough to be unpacked in full, and does not show its end otherwise.
  if (!isWhole || skimmed.problem !== undefined || !skimmed.kinds.includes('gzip')) return skimmed;
  const { readInitrd } = await import('../../kernel-file/initrd/read-initrd.js');
  return summarize(await readInitrd(initrd, decompress));
}

function summarize({ members, problem }: InitrdReport): NextInitrd {
  return { kinds: members.flatMap(({ kind }) => (kind === 'cpio' ? [] : [kind])), problem };
}

/**
 * Finds the configuration of a kernel: its own, or the running kernel's if both have the same release.
 *
 * @param banner - of the Image
 */
export async function findKernelOptions(
  image: Uint8Array,
  banner: KernelBanner,
  { kernel: running }: MachineFacts,
  decompress: Decompress,
): Promise<KernelOptions | undefined> {
  const embedded = await readEmbeddedConfig(image, banner, decompress);
  if (embedded !== undefined) return embedded;
  return banner.release === running?.release ? running.config : undefined;
}
