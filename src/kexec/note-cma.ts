import { formatRange } from '../base/range.js';
import { formatBytes } from '../base/sizes.js';
import { hasDefaultCma, usesCmaForKexec } from '../machine/default-cma.js';
import { KERNEL_CHANGES } from '../machine/kernel-changes.js';
import type { MachineFacts } from '../machine/machine-facts.js';
import type { LoadInProgress } from './load-in-progress.js';

/**
 * Notes whether the kernel may take pages of its default CMA area for segments: kernel function `kexec_alloc_contig()`.
 * Which pages, its allocator decides by its state, and it aligns them to CONFIG_CMA_ALIGNMENT at most. So the places of a
 * plan are those without CMA, which KEXEC_FILE_NO_CMA keeps to.
 *
 * @param isHandedOver - whether Kexec Handover places the segments, before CMA is asked
 */
export function noteCma(load: LoadInProgress, isHandedOver: boolean): void {
  const { request, machine, trail } = load;
  const { cma: isAllowed = false } = request.options;
  const obstacle = findObstacle(load, isHandedOver);
  if (obstacle !== undefined) {
    if (isAllowed) trail.note('placement-rules', `--cma has no effect: ${obstacle}`);
    return;
  }
  if (!hasDefaultCma(machine)) return;
  if (!isAllowed) {
    trail.ok(
      'segment-cma',
      `the kernel does not use ${describeCma(machine)}: KEXEC_FILE_NO_CMA keeps to free memory`,
    );
    return;
  }
  trail.note(
    'segment-cma',
    `segments may lie in ${describeCma(machine)}, wherever the allocator finds room, aligned to CONFIG_CMA_ALIGNMENT at most: ` +
      'the places below are those with --no-cma',
  );
}

/** Why the kernel does not ask CMA, whatever area it has. */
function findObstacle({ type, request, machine }: LoadInProgress, isHandedOver: boolean): string | undefined {
  const { call, randomize, rules = 'mainline' } = request.options;
  if (type === 'crash') return 'a crash kernel lies in its crash region';
  if (call === 'segments' || randomize !== undefined) return 'kexec_load uses the places that it is given';
  if (isHandedOver) return 'with Kexec Handover, all segments lie in its scratch areas';
  const usesCma = rules === '7.3' || (rules === 'mainline' && usesCmaForKexec(machine));
  return usesCma
    ? undefined
    : `kexec_file_load takes no pages of CMA before Linux ${KERNEL_CHANGES['cma-segments'].since}`;
}

function describeCma({ cma }: MachineFacts): string {
  if (cma?.defaultArea !== undefined) return `the CMA area ${formatRange(cma.defaultArea)}`;
  return `the CMA area, somewhere in ${formatBytes(cma?.total ?? 0n)} of CMA`;
}
