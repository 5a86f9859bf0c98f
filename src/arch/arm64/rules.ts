import { GIB } from '../../base/u64.js';

/** What differs between the ways in which kernels have placed segments on arm64. */
export interface PlacementRules {
  readonly name: 'mainline' | 'v3';
  /** Size in bytes of the window that starts at the kernel's 1 GiB boundary and must hold the initrd. */
  readonly initrdWindow: bigint;
  /** Whether the kernel is searched again higher up when another segment finds no place. */
  readonly retriesAbove: boolean;
}

/** Linux 6.12, `arch/arm64/kernel/kexec_image.c` and `machine_kexec_file.c`. */
export const MAINLINE_RULES: PlacementRules = {
  name: 'mainline',
  initrdWindow: 32n * GIB,
  retriesAbove: true,
};

/**
 * The series "arm64: kexec: add kexec_file_load() support, v3" of September 2017, with its known faults mended: it
 * avoids what memblock has reserved, and takes kernels whose text_offset is 0.
 */
export const V3_RULES: PlacementRules = { name: 'v3', initrdWindow: 31n * GIB, retriesAbove: false };

export const PLACEMENT_RULES = { mainline: MAINLINE_RULES, v3: V3_RULES } as const;
