import { GIB } from '../../base/u64.js';
import type { Segment } from '../kimage.js';
import type { RuleName } from '../rule-names.js';

/** The differences between the rules by which kernels have placed segments on arm64. */
export interface PlacementRules {
  /** Size in bytes of the window that starts at the kernel's 1 GiB boundary and must hold the initrd. */
  readonly initrdWindow: bigint;
  /** Whether the other segments may lie below the kernel, too. */
  readonly belowKernel: boolean;
  /** Whether the kernel is searched again higher up when another segment finds no place. */
  readonly retriesAbove: boolean;
}

/** Linux 6.12 and 7.3, `arch/arm64/kernel/kexec_image.c` and `machine_kexec_file.c`: these files place alike in both. */
const MAINLINE_RULES: PlacementRules = {
  initrdWindow: 32n * GIB,
  belowKernel: false,
  retriesAbove: true,
};

/**
 * The series "arm64: kexec: add kexec_file_load() support, v3" of September 2017, with its known faults fixed: it
 * avoids the memory that memblock has reserved, and accepts kernels whose text_offset is 0.
 */
const V3_RULES: PlacementRules = {
  initrdWindow: 31n * GIB,
  belowKernel: false,
  retriesAbove: false,
};

/**
 * The rules for places that are drawn at random: all that booting.rst permits. So if the kernel may lie anywhere, the
 * others may lie below it.
 */
export function loosenRules(rules: PlacementRules, placeAnywhere: boolean): PlacementRules {
  return { ...rules, belowKernel: placeAnywhere, retriesAbove: false };
}

/** The lowest address that the other segments may have. */
export function findLowestBeside({ mem, memsz }: Segment, { belowKernel }: PlacementRules): bigint {
  return belowKernel ? 0n : mem + memsz;
}

export const PLACEMENT_RULES: Readonly<Record<RuleName, PlacementRules>> = {
  mainline: MAINLINE_RULES,
  '6.12': MAINLINE_RULES,
  '7.3': MAINLINE_RULES,
  v3: V3_RULES,
};
