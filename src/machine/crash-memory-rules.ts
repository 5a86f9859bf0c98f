/** What an architecture's crash kernels take of their region, and what distributions reserve for them. Sizes are in bytes. */
export interface CrashMemoryRules {
  /** The field of a kernel's header that has the memory from its first byte on. */
  readonly kernelSizeField: 'image_size' | 'init_size';
  /** A kernel begins on a multiple of this, if its header does not say another. */
  readonly kernelAlignment: bigint;
  /** What a load places beside kernel and initrd, at most. */
  readonly beside: { readonly what: string; readonly bytes: bigint; readonly why: string };
  /** What kernels of Debian and Fedora reserve for DMA without `cma=`: CONFIG_CMA_SIZE_MBYTES. */
  readonly usualCma: bigint;
  /** `kdump_get_arch_recommend_crashkernel()` of kdump-utils: the size from this much RAM on, the largest first. */
  readonly usualSizes: readonly { readonly from: bigint; readonly bytes: bigint }[];
}
