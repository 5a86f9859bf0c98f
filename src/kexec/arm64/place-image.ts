import { attempt, KexecError, type RefusalKind, refusalArguments } from '../../base/error.js';
import { MIB } from '../../base/u64.js';
import type { ImageHeader } from '../../formats/arm64-image.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { NoHoleError, type Segment } from '../kimage.js';
import { beginAttempt, type PlacementInProgress, placeSegment } from '../load-in-progress.js';
import { type EarlierAttempts, placeOtherSegments } from './place-others.js';
import type { PlacementRules } from './placement-rules.js';

/** `MIN_KIMG_ALIGN`: an Image lies text_offset bytes above a 2 MiB boundary (booting.rst). */
const IMAGE_ALIGNMENT = 2n * MIB;

type Placement = PlacementInProgress<Arm64Machine>;

/** The segments that purgatory has to know. */
export interface PlacedImage {
  readonly kernel: Segment;
  readonly dtb: Segment;
}

/**
 * Places the kernel at the lowest fit, then the other segments with it: kernel function `image_load()`, second half. If
 * the others find no place, the kernel moves up to its next fit and they try again, as often as there is one. The
 * segment then begins text_offset bytes into the memory found.
 *
 * @throws KexecError as {@link placeSegment}; `EADDRNOTAVAIL` of the segment that would not fit beside any place of the
 * kernel, and for any other failure with the others.
 */
export function placeImage(header: ImageHeader, rules: PlacementRules, placement: Placement): PlacedImage {
  const { segments, trail } = placement;
  const { textOffset } = header;
  let minimum = 0n;
  const earlier: EarlierAttempts = {};
  let firstFailure: NoHoleError | undefined;
  let moves = 0;

  for (;;) {
    const tryout = beginAttempt(placement);
    const found = attempt(() => addKernel(header, minimum, tryout));
    if (found instanceof KexecError) {
      if (firstFailure === undefined || !(found instanceof NoHoleError)) throw found;
      trail.note(found.check, `${found.seen}: the kernel cannot move up any further`, found.holes);
      throw firstFailure;
    }
    const dtb = attempt(() => placeOtherSegments(found, rules, tryout, earlier));
    if (!(dtb instanceof KexecError)) {
      if (moves > 0)
        trail.note(segments.check, `the kernel moved up ${moves} times to make room for the others`);
      trail.append(tryout.trail);
      const kernel = { ...found, mem: found.mem + textOffset, memsz: found.memsz - textOffset };
      segments.replace(found, kernel);
      return { kernel, dtb };
    }
    if (!(dtb instanceof NoHoleError) || !rules.retriesAbove) {
      trail.append(tryout.trail);
      throw rules.retriesAbove ? asLastTry(dtb) : dtb;
    }
    if (firstFailure === undefined) {
      trail.append(tryout.trail);
      trail.note(dtb.check, `${dtb.seen}; the kernel is searched again above`, dtb.holes);
      firstFailure = dtb;
    }
    moves += 1;
    segments.dropFrom(found);
    minimum = found.mem + found.memsz;
  }
}

/**
 * Adds the kernel's segment, text_offset included.
 *
 * @param minimum - the lowest address that it may have
 */
function addKernel(
  { imageSize, textOffset, placeAnywhere }: ImageHeader,
  minimum: bigint,
  placement: Placement,
): Segment {
  return placeSegment(placement, {
    name: 'kernel',
    bytes: placement.request.kernel,
    memsz: imageSize + textOffset,
    alignment: IMAGE_ALIGNMENT,
    direction: 'bottom-up',
    isFixed: !placeAnywhere,
    minimum,
  });
}

/**
 * Whatever fails wherever the kernel is, such as building the device tree, makes the kernel search again until there is
 * no place left: EADDRNOTAVAIL is then its answer.
 */
function asLastTry(error: KexecError): KexecError {
  const kind = { check: error.check, errno: 'EADDRNOTAVAIL' } as RefusalKind;
  return new KexecError(...refusalArguments(kind, error.seen, { cause: error }));
}
