/**
 * What releases of makedumpfile support on arm64. All of it was tried: Debian's makedumpfile 1.7.2, 1.7.6 and 1.7.8 were
 * run on dumps of every page size and width of addresses, and of kernels from 5.19 to 7.0.
 */
import { compareVersions } from '../boot-entry/compare-versions.js';
import type { KernelFacts } from '../machine/machine-facts.js';
import { readVmcoreinfoNumber } from '../machine/vmcoreinfo-lines.js';

/** The newest release that was tried. Of later ones, nothing is known. */
export const LAST_TRIED = '1.7.8';

/** The widths of virtual addresses, in bits, by the page size in bytes (`calculate_plat_config()`). */
const SUPPORTED_BITS: Readonly<Record<number, readonly number[]>> = {
  4096: [39, 48],
  16384: [36, 47, 48],
  65536: [42, 48, 52],
};

/** The newest kernel that a release takes without "The kernel version is not supported". */
const NEWEST_KERNELS: Readonly<Record<string, string>> = { '1.7.2': '6.0', '1.7.6': '6.11', '1.7.8': '6.17' };

/**
 * Reads the width of virtual addresses that a kernel was configured for, by which makedumpfile decides. On CPUs without
 * 52 bits, such a kernel uses 48, and makedumpfile refuses its dump all the same.
 *
 * @returns in bits; undefined if unknown
 */
export function readConfiguredVaBits({ vmcoreinfo, config }: KernelFacts): number | undefined {
  const recorded = vmcoreinfo && readVmcoreinfoNumber(vmcoreinfo, 'VA_BITS');
  if (recorded !== undefined) return Number(recorded);
  const configured = config?.ARM64_VA_BITS;
  return configured !== undefined && /^\d{2}$/.test(configured) ? Number(configured) : undefined;
}

/** Whether the releases that were tried read the dumps of kernels with such addresses. */
export function supportsAddresses(pageSize: number, bits: number): boolean {
  return SUPPORTED_BITS[pageSize]?.includes(bits) === true;
}

/** Whether what is known of makedumpfile holds for a release. A program without a version may be any, such as a script. */
export function isTried(version: string | undefined): boolean {
  return version !== undefined && compareVersions(version, LAST_TRIED) <= 0;
}

/** Names the newest kernel that a release takes without a warning; undefined if that was not tried. */
export function findNewestKernel(version: string | undefined): string | undefined {
  return version === undefined ? undefined : NEWEST_KERNELS[version];
}

/**
 * Whether a kernel describes huge pages and folios by `page.compound_info` alone (from Linux 7.0 on). The releases that
 * were tried know `page.compound_head`.
 */
export function hasOnlyCompoundInfo({ vmcoreinfo }: KernelFacts): boolean {
  return (
    vmcoreinfo !== undefined &&
    vmcoreinfo['OFFSET(page.compound_info)'] !== undefined &&
    vmcoreinfo['OFFSET(page.compound_head)'] === undefined
  );
}
