import type { Granule } from '../machine/arm64/arm64-machine.js';

/** What a kernel takes when it runs, by its header. */
export interface KernelSize {
  /** The memory from its first byte on, bss included, in bytes: image_size of an Image, init_size of a bzImage. */
  readonly memory: bigint;
  /** Its page size; undefined if the header does not say it. */
  readonly pageSize: Granule | undefined;
  /** It begins on a multiple of this, in bytes: kernel_alignment of a bzImage. Undefined if the header does not say it. */
  readonly alignment?: bigint | undefined;
  /** It lies at this physical address or above: pref_address of a bzImage. Undefined if it may lie anywhere. */
  readonly lowest?: bigint | undefined;
}
