import type { Range } from '../../../src/base/range.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import type { Load, Outcome } from './scenario.js';

/** As in `cma=64M@0x60000000`, which gives the default CMA area a fixed place. */
const FIXED_AREA = /(?:^| )cma=(\d+)M@(0x[0-9a-f]+)(?= |$)/;

/**
 * The default CMA area, if kexec_file_load may put segments of a load there: nobody can predict which pages of it the
 * allocator gives (`kexec_alloc_contig()`).
 */
export function findCmaArea({ type, noCma }: Load, { commandLine = '' }: Machine): Range | undefined {
  const [, size, start] = FIXED_AREA.exec(commandLine) ?? [];
  if (type === 'crash' || noCma || size === undefined || start === undefined) return undefined;
  return { start: BigInt(start), end: BigInt(start) + (BigInt(size) << 20n) };
}

/** Our outcome with the oracle's address for each segment that it put into an area. */
export function acceptPlacesIn(area: Range | undefined, ours: Outcome, theirs: Outcome): Outcome {
  if (area === undefined || typeof ours === 'string' || typeof theirs === 'string') return ours;
  return new Map(
    Array.from(ours, ([name, placed]) => {
      const mem = theirs.get(name)?.mem ?? placed.mem;
      const isInside = mem >= area.start && mem + placed.memsz <= area.end;
      return [name, isInside ? { ...placed, mem } : placed];
    }),
  );
}
