import { totalSize } from '../base/range.js';
import { findParameterValues } from './command-line.js';
import { hasChange } from './kernel-changes.js';
import { isBuiltIn } from './kernel-config.js';
import type { MachineFacts } from './machine-facts.js';
import { memparse } from './memparse.js';

/**
 * Whether the kernel has a default CMA area, as far as the facts say: kernel function `dma_contiguous_reserve()`. False if
 * nothing about CMA was recorded, or all of it is for a crash kernel.
 */
export function hasDefaultCma({ cma, crashCma = [], kernel, commandLine = '' }: MachineFacts): boolean {
  if (cma === undefined || cma.total <= totalSize(crashCma)) return false;
  if (cma.defaultArea !== undefined) return true;
  const config = kernel?.config;
  if (isBuiltIn(config, 'DMA_CMA') === false) return false;
  const asked = findParameterValues(commandLine, 'cma').at(-1);
  if (asked !== undefined) return memparse(asked) > 0n;
  return config?.CMA_SIZE_MBYTES !== '0';
}

/** Whether kexec_file_load of the machine's release takes pages of that area: kernel function `kexec_alloc_contig()`. */
export function usesCmaForKexec({ kernel }: MachineFacts): boolean {
  return hasChange(kernel?.release, 'cma-segments');
}
