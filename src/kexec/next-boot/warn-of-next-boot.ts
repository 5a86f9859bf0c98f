import { describeRefusedEntry, type TrailEntry } from '../../base/trail.js';
import { findStrictRefusal } from '../../base/warnings.js';
import { findBanner } from '../../kernel-file/kernel-banner.js';
import type { Opening } from '../../kernel-file/open-wrapping.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { LoadResult } from '../file-load.js';
import { readNextTree } from '../next-tree.js';
import type { OpenedRequest } from '../open-kernel-file.js';
import { findWarnings } from './find-warnings.js';
import { findFirmwareLosses } from './firmware-losses.js';
import { examineInitrd, findKernelOptions, type NextBoot } from './next-boot.js';
import { findUefiFault, type UefiFault } from './uefi-fault.js';

/**
 * Adds to the trail of a load what the next kernel lacks, and what it loses of the firmware's: notes, because the kernel
 * loads it all the same. They follow the kernel's own checks; a refusal stays the last entry.
 */
export async function warnOfNextBoot(
  result: LoadResult,
  opened: OpenedRequest,
  machine: MachineFacts,
  opening: Pick<Opening, 'decompress'>,
): Promise<LoadResult> {
  const described = await describeNextBoot(opened, machine, opening);
  const next = { ...described, uefiFault: findFaultOfTree(result, opened, machine) };
  const warnings = [...findWarnings(next, machine), ...findFirmwareLosses(next, machine)].map(
    ({ check, seen, cure }): TrailEntry => ({ check, verdict: 'note', detail: seen, cure }),
  );
  if ('kimage' in result) return { ...result, trail: [...result.trail, ...warnings] };
  return { ...result, trail: [...result.trail.slice(0, -1), ...warnings, ...result.trail.slice(-1)] };
}

function findFaultOfTree(
  result: LoadResult,
  { kernel }: OpenedRequest,
  machine: MachineFacts,
): UefiFault | undefined {
  const tree = 'kimage' in result ? readNextTree(result.kimage) : undefined;
  return tree && findUefiFault(tree, kernel, machine);
}

async function describeNextBoot(
  { kernel, initrd, initrdReport, unpacksInitrd, options }: OpenedRequest,
  machine: MachineFacts,
  { decompress }: Pick<Opening, 'decompress'>,
): Promise<NextBoot> {
  const { type = 'default', commandLine = '' } = options;
  const examined =
    initrd === undefined
      ? undefined
      : await examineInitrd(initrd, initrdReport, { decompress, isWhole: unpacksInitrd });
  const banner = findBanner(kernel);
  return {
    type,
    commandLine,
    initrd: examined,
    release: banner?.release,
    options: banner && (await findKernelOptions(kernel, banner, machine, decompress)),
  };
}

/** Turns the first warning of a load that the kernel accepts into a refusal: `--strict`. */
export function refuseWarnings(result: LoadResult): LoadResult {
  const refusal = 'kimage' in result ? findStrictRefusal(result.trail) : undefined;
  if (refusal === undefined) return result;
  return { refusal, trail: [...result.trail, describeRefusedEntry(refusal)] };
}
