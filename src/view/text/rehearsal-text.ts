import { formatSize } from '../../base/sizes.js';
import type { RehearsalOutcome } from '../../crash/rehearsal/outcome.js';
import { formatCrashRegions, listSegments, type RehearsalFacts } from '../json/rehearsal-json.js';
import { formatFacts } from './facts-text.js';
import type { ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** The outcome of a rehearsal that ended at each stage. */
const OUTCOMES: Readonly<Record<RehearsalOutcome['stage'], string>> = {
  boot: 'the kernel did not boot',
  crashkernel: 'no memory was reserved for a capture kernel',
  load: 'the capture kernel could not be loaded',
  panic: 'the kernel did not panic',
  'capture-kernel': 'the capture kernel did not boot',
  dump: 'the capture kernel booted, but has no /proc/vmcore',
  save: 'the capture kernel booted, but did not save the dump',
  read: 'a dump was saved, but cannot be read',
  vmcore: 'a vmcore was saved',
};

/** What `crash rehearse` prints. */
export const formatRehearsal: View<[facts: RehearsalFacts, options?: ViewOptions]> = makeView(
  (facts, options) => {
    const { machine, stage, seen, standIn, guest, kimage, dump, seconds, console } = facts;
    const { qemu, firmware, crashkernel, notes } = standIn;
    const board = firmware === 'uefi' ? 'QEMU with UEFI firmware' : 'QEMU';
    return formatFacts(
      {
        rehearsal: `${machine}: ${OUTCOMES[stage]}`,
        ...(seen.length === 0 ? {} : { seen }),
        guest: [
          `${board}, ${qemu.cpu}, ${qemu.memory} of RAM, CPUs: ${qemu.cpus}, ${crashkernel.join(' ')}`,
          ...notes,
        ],
        ...(guest?.crashRegion === undefined ? {} : { crashRegion: formatCrashRegions(guest).join(' and ') }),
        ...(kimage === undefined
          ? {}
          : { loaded: listSegments(kimage).map(({ name, mem }) => `${name} at ${mem}`) }),
        ...(dump === undefined
          ? {}
          : {
              vmcore: {
                size: formatSize(dump.size),
                release: dump.release ?? 'unknown',
                panic: dump.panic ?? 'none in the log',
              },
            }),
        took: Object.entries(seconds)
          .map(([step, time]) => `${step} ${time} s`)
          .join(', '),
        console,
      },
      options,
    );
  },
);
