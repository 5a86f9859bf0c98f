import { KexecError, type RefusalKind, refusalArguments, refuse } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import { alignUp, hex, MIB, U64_LIMIT } from '../../base/u64.js';
import type { ImageHeader } from '../../formats/arm64-image.js';
import type { Machine } from '../../machine/machine-value.js';
import { NoHoleError, type Segment, type SegmentList } from '../kimage.js';
import type { PlacementRules } from './placement-rules.js';

/** `MIN_KIMG_ALIGN`: an Image lies text_offset bytes above a 2 MiB boundary (booting.rst). */
const IMAGE_ALIGNMENT = 2n * MIB;

/**
 * Whether this machine can run the Image, as far as its header tells: kernel function `image_load()`, first half.
 *
 * @throws KexecError `EINVAL`; `EADDRNOTAVAIL` for sizes that no address space holds.
 */
export function checkImage(header: ImageHeader, machine: Machine, trail: Trail): void {
  if (header.imageSize === 0n) {
    refuse(
      'image-size',
      'EINVAL',
      'image_size is 0: the kernel is older than 3.17 and does not say how much memory it takes',
      { offset: 16 },
    );
  }
  trail.ok('image-size', `image_size ${hex(header.imageSize)}, text_offset ${hex(header.textOffset)}`);
  checkEndianness(header, machine, trail);
  checkGranule(header, machine, trail);
  checkSpan(header, machine);
}

function checkEndianness(header: ImageHeader, { arm64 }: Machine, trail: Trail): void {
  if (!header.bigEndian) {
    trail.ok('image-endianness', 'the Image is little-endian, as the running kernel');
  } else if (arm64.mixedEndian === true) {
    trail.ok('image-endianness', 'the Image is big-endian; the CPUs can do both');
  } else if (arm64.mixedEndian === undefined) {
    trail.note('image-endianness', 'the Image is big-endian; whether the CPUs can do both is not known');
  } else {
    refuse(
      'image-endianness',
      'EINVAL',
      'the Image is big-endian; the running kernel is little-endian and the CPUs cannot do both',
      { offset: 24 },
    );
  }
}

function checkGranule({ pageSize }: ImageHeader, { arm64 }: Machine, trail: Trail): void {
  if (pageSize === undefined) {
    trail.ok('image-granule', 'the Image does not say which pages it uses');
  } else if (arm64.granules === undefined) {
    trail.note(
      'image-granule',
      `the Image uses ${pageSize / 1024}K pages; whether the CPUs have them is not known`,
    );
  } else if (arm64.granules.includes(pageSize)) {
    trail.ok('image-granule', `the Image uses ${pageSize / 1024}K pages, which the CPUs have`);
  } else {
    const has = arm64.granules.map((granule) => `${granule / 1024}K`).join(', ');
    refuse('image-granule', 'EINVAL', `the Image uses ${pageSize / 1024}K pages; the CPUs have ${has}`, {
      offset: 24,
    });
  }
}

/**
 * The kernel lets sizes overflow, and `sanity_check_segment_list()` finds what comes of it: a segment that ends before
 * it starts, which is EADDRNOTAVAIL; or, without a text_offset, an empty one that has bytes, which is EINVAL.
 */
function checkSpan({ textOffset, imageSize }: ImageHeader, { pageSize }: Machine): void {
  if (alignUp(textOffset + imageSize, BigInt(pageSize)) < U64_LIMIT) return;
  refuse(
    'image-span',
    textOffset === 0n ? 'EINVAL' : 'EADDRNOTAVAIL',
    `text_offset ${hex(textOffset)} and image_size ${hex(imageSize)} leave the address space`,
    { offset: 8 },
  );
}

/**
 * Adds the segments that go with a kernel at the given place, recording into the given trail.
 *
 * @returns the device tree's segment.
 */
export type PlaceOthers = (kernel: Segment, trail: Trail) => Segment;

/** The segments that purgatory has to know. */
export interface PlacedImage {
  readonly kernel: Segment;
  readonly dtb: Segment;
}

/**
 * Places the kernel at the lowest fit, then the other segments with it: kernel function `image_load()`, second
 * half. If the others find no place, the kernel moves up to its next fit and they try again, as often as there is
 * one. The segment then begins text_offset bytes into the memory found.
 *
 * @throws KexecError as {@link SegmentList.add}; `EADDRNOTAVAIL` of the segment that would not fit beside any place
 * of the kernel, and for whatever else fails with the others.
 */
export function placeImage(
  bytes: Uint8Array,
  { imageSize, textOffset, placeAnywhere }: ImageHeader,
  list: SegmentList,
  rules: PlacementRules,
  placeOthers: PlaceOthers,
  trail: Trail,
): PlacedImage {
  let minimum = 0n;
  let firstFailure: NoHoleError | undefined;
  let moves = 0;

  for (;;) {
    const attempt = new Trail();
    const found = addKernel(minimum, attempt);
    const kernel = { ...found, mem: found.mem + textOffset, memsz: found.memsz - textOffset };
    try {
      const dtb = placeOthers(found, attempt);
      if (moves > 0)
        trail.note('segment-hole', `the kernel moved up ${moves} times to make room for the others`);
      trail.append(attempt);
      list.replace(found, kernel);
      return { kernel, dtb };
    } catch (error) {
      if (!(error instanceof NoHoleError) || !rules.retriesAbove) {
        trail.append(attempt);
        throw rules.retriesAbove ? asLastTry(error) : error;
      }
      firstFailure ??= recordFirstFailure(error, attempt);
      moves += 1;
      list.dropFrom(found);
      minimum = found.mem + found.memsz;
    }
  }

  function addKernel(from: bigint, attempt: Trail): Segment {
    try {
      return list.add(
        {
          name: 'kernel',
          bytes,
          memsz: imageSize + textOffset,
          alignment: IMAGE_ALIGNMENT,
          direction: 'bottom-up',
          isFixed: !placeAnywhere,
          minimum: from,
        },
        attempt,
      );
    } catch (error) {
      if (firstFailure === undefined || !(error instanceof NoHoleError)) throw error;
      trail.note('segment-hole', `${error.seen}: the kernel cannot move up any further`, error.holes);
      throw firstFailure;
    }
  }

  function recordFirstFailure(error: NoHoleError, attempt: Trail): NoHoleError {
    trail.append(attempt);
    trail.note('segment-hole', `${error.seen}; the kernel is searched again above`, error.holes);
    return error;
  }
}

/**
 * What fails wherever the kernel is, such as making the device tree, makes the kernel search again, too, until there is
 * no place left: that is then its answer.
 */
function asLastTry(error: unknown): unknown {
  if (!(error instanceof KexecError)) return error;
  const kind = { check: error.check, errno: 'EADDRNOTAVAIL' } as RefusalKind;
  return new KexecError(...refusalArguments(kind, error.seen, { cause: error }));
}
