import type { Range } from '../base/range.js';

/** Memory of the contiguous memory allocator (CMA): the kernel lends it to movable pages. */
export interface CmaFacts {
  /** All CMA areas together, in bytes. */
  readonly total: bigint;
  /**
   * The default area, if the device tree or `cma=SIZE@START` says where it is; where the kernel puts it otherwise is not
   * shown.
   */
  readonly defaultArea?: Range;
}
