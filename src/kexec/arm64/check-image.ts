import { refuse } from '../../base/error.js';
import { alignUp, hex, U64_LIMIT } from '../../base/u64.js';
import type { ImageHeader } from '../../formats/arm64-image.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import type { LoadInProgress } from '../load-in-progress.js';

/**
 * Checks by the header whether the machine can run the Image: kernel function `image_load()`, first half.
 *
 * @throws KexecError `EINVAL`; `EADDRNOTAVAIL` for sizes that no address space holds.
 */
export function checkImage(header: ImageHeader, load: LoadInProgress<Arm64Machine>): void {
  const { machine, trail } = load;
  if (header.imageSize === 0n) {
    refuse(
      'image-size',
      'EINVAL',
      'image_size is 0: the kernel is older than 3.17 and does not say how much memory it takes',
      { offset: 16 },
    );
  }
  trail.ok('image-size', `image_size ${hex(header.imageSize)}, text_offset ${hex(header.textOffset)}`);
  checkEndianness(header, load);
  checkGranule(header, load);
  checkSpan(header, machine);
}

function checkEndianness(
  header: ImageHeader,
  { machine: { arm64 }, trail }: LoadInProgress<Arm64Machine>,
): void {
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

function checkGranule(
  { pageSize }: ImageHeader,
  { machine: { arm64 }, trail }: LoadInProgress<Arm64Machine>,
): void {
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
 * The kernel lets sizes overflow, and `sanity_check_segment_list()` finds the result: a segment that ends before it
 * starts, which is EADDRNOTAVAIL; or, without a text_offset, an empty one that has bytes, which is EINVAL.
 */
function checkSpan({ textOffset, imageSize }: ImageHeader, { pageSize }: MachineFacts): void {
  if (alignUp(textOffset + imageSize, BigInt(pageSize)) < U64_LIMIT) return;
  refuse(
    'image-span',
    textOffset === 0n ? 'EINVAL' : 'EADDRNOTAVAIL',
    `text_offset ${hex(textOffset)} and image_size ${hex(imageSize)} leave the address space`,
    { offset: 8 },
  );
}
