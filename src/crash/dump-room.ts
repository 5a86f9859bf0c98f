import { formatSize } from '../base/sizes.js';

/** The folder that dumps are saved in, and the room there. */
export interface DumpTargetFolder {
  readonly path: string;
  /** Free for root, in bytes. */
  readonly free: bigint;
}

/** Says what is missing for a dump. @returns undefined if a dump of this size fits for certain */
export function describeLack({ path, free }: DumpTargetFolder, atMost: bigint): string | undefined {
  if (free >= atMost) return undefined;
  return `${formatSize(free)} are free in ${path}, and a dump may take ${formatSize(atMost)} before it is compressed`;
}
