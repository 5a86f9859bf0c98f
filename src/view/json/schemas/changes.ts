/**
 * What has changed for a machine, the most important first: it loaded the kernel and no longer does, or the reverse;
 * the same as a crash kernel; segments moved; it is refused for another cause; it is new in the fleet, or gone from it.
 */
export const CHANGES = [
  'stopped',
  'started',
  'crashStopped',
  'crashStarted',
  'moved',
  'otherCause',
  'new',
  'gone',
  'unchanged',
] as const;
export type Change = (typeof CHANGES)[number];
