/**
 * The use of a range of physical memory before anything is loaded. `reserved` is RAM that is taken, outside the crash
 * regions. `crash-cma` is what `crashkernel=…,cma` reserved. `driver-managed` is RAM that no segment may use, and that is dumped. A `gap` lies between ranges of RAM, or
 * between RAM and a segment outside it.
 */
export type Ground =
  | 'free'
  | 'reserved'
  | 'crash-high'
  | 'crash-low'
  | 'crash-cma'
  | 'driver-managed'
  | 'gap';
