import { refuse } from '../../base/error.js';
import type { Trail } from '../../base/trail.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { KERNEL_CHANGES } from '../../machine/kernel-changes.js';
import { checkSignature } from '../../trust/check-signature.js';
import type { KernelLoader } from '../architecture.js';
import { checkPe } from '../check-pe.js';
import type { LoadInProgress, PlacementInProgress } from '../load-in-progress.js';
import { loaderHas } from '../running-kernel.js';
import { checkImage } from './check-image.js';
import { noteRelease } from './note-release.js';
import { placeImage } from './place-image.js';
import { placePurgatory } from './place-purgatory.js';
import { loosenRules, PLACEMENT_RULES } from './placement-rules.js';

/** Loads arm64 Images: the kernel's `kexec_image_ops`. */
export const IMAGE_LOADER: KernelLoader<Arm64Machine> = {
  name: 'Image',

  probe(kernel: Uint8Array, trail: Trail): void {
    parseImageHeader(kernel);
    trail.ok('image-magic', 'the kernel is an arm64 Image', ['image-header']);
  },

  verify(load: LoadInProgress): void {
    const { request, machine, trail } = load;
    const { commandLine } = request.options;
    checkSignature({ ...request, commandLine }, request.trust, machine, trail);
    checkPe(request.kernel, request.trust?.policy, trail);
  },

  check(load: LoadInProgress<Arm64Machine>): void {
    if (load.type === 'crash' && !loaderHas(load, 'crash-file-load')) refuseCrashKernel(load.machine);
    checkImage(parseImageHeader(load.request.kernel), load);
    noteRelease(load);
  },

  load(placement: PlacementInProgress<Arm64Machine>): bigint {
    const { options, kernel } = placement.request;
    const header = parseImageHeader(kernel);
    const named = PLACEMENT_RULES[options.rules ?? 'mainline'];
    const asked = loaderHas(placement, 'second-search') ? named : { ...named, retriesAbove: false };
    const rules = placement.segments.isRandom ? loosenRules(asked, header.placeAnywhere) : asked;
    const image = placeImage(header, rules, placement);
    return options.purgatory === false
      ? image.kernel.mem
      : placePurgatory(image, rules, options.purgatory ?? {}, placement);
  },
};

function refuseCrashKernel({ kernel }: Arm64Machine): never {
  const { since } = KERNEL_CHANGES['crash-file-load'];
  refuse(
    'crash-file-load',
    'EOPNOTSUPP',
    `the load is of a crash kernel, and the running kernel is ${kernel?.release}, which is older than Linux ${since}`,
  );
}
