import type { Trail } from '../../base/trail.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import { parsePe } from '../../formats/pe/parse.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { checkSignature } from '../../trust/check-signature.js';
import type { KernelLoader } from '../architecture.js';
import type { LoadInProgress, PlacementInProgress } from '../load-in-progress.js';
import { checkImage } from './check-image.js';
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

  verify({ request, machine, trail }: LoadInProgress): void {
    const { commandLine } = request.options;
    checkSignature({ ...request, commandLine }, request.trust, machine, trail);
    checkPe(request.kernel, trail);
  },

  check(load: LoadInProgress<Arm64Machine>): void {
    checkImage(parseImageHeader(load.request.kernel), load);
  },

  load(placement: PlacementInProgress<Arm64Machine>): bigint {
    const { options, kernel } = placement.request;
    const header = parseImageHeader(kernel);
    const asked = PLACEMENT_RULES[options.rules ?? 'mainline'];
    const rules = placement.segments.isRandom ? loosenRules(asked, header.placeAnywhere) : asked;
    const image = placeImage(header, rules, placement);
    return options.purgatory === false
      ? image.kernel.mem
      : placePurgatory(image, rules, options.purgatory ?? {}, placement);
  },
};

/**
 * A PE file that was cut short, or whose sections overlap, is refused whatever the policy: the kernel checks neither, and
 * would fail later.
 */
function checkPe(kernel: Uint8Array, trail: Trail): void {
  if (!parseImageHeader(kernel).hasEfiStub) return;
  const { sections, certificates } = parsePe(kernel);
  const count = certificates.length === 1 ? '1 certificate' : `${certificates.length} certificates`;
  trail.ok('pe-section', `a PE file with ${sections.length} sections and ${count}`, [
    'pe-header',
    'pe-directory',
    'pe-certificates',
  ]);
}
