import type { Collected } from './collected.js';
import { parseKallsyms } from './crash-facts.js';
import type { UnknownFact } from './machine-facts.js';

/** A line of iomem as a reader without the right to see addresses gets it, and any other line. */
const HIDDEN_LINE = /^ *0+-0+ : /m;
const OTHER_LINE = /^(?! *0+-0+ : )./m;

const KALLSYMS_REASON = 'no address in it: read it as root, with kernel.kptr_restrict 0 or 1';

/** The files with addresses in them, and a reason for each that was dropped. */
export interface VisibleFiles {
  readonly known: Collected;
  readonly hidden: readonly UnknownFact[];
}

/** Drops files in which the kernel printed zeros for addresses, as it does without the right to see them. */
export function dropHiddenFiles(collected: Collected): VisibleFiles {
  const { iomem, kallsyms, ...others } = collected;
  const isIomemHidden = iomem !== undefined && HIDDEN_LINE.test(iomem) && !OTHER_LINE.test(iomem);
  const isKallsymsHidden = kallsyms !== undefined && parseKallsyms(kallsyms).size === 0;
  return {
    known: {
      ...others,
      ...(isIomemHidden ? {} : { iomem }),
      ...(isKallsymsHidden ? {} : { kallsyms }),
    },
    hidden: [
      ...(isIomemHidden ? [{ fact: 'iomem', reason: 'all its addresses are 0: read it as root' }] : []),
      ...(isKallsymsHidden ? [{ fact: 'kallsyms', reason: KALLSYMS_REASON }] : []),
    ],
  };
}
