import { attempt, KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import { NOWHERE, type SaveProgress } from '../../vmcore/save/dump-target.js';
import { parseFilter } from '../../vmcore/save/filter.js';
import { streamVmcore } from '../../vmcore/save/save-dump.js';
import { loadNodePacker } from '../codecs/node-packer.js';
import { yieldToEventLoop } from '../threads/yield-to-event-loop.js';
import { type LiveMemoryPaths, openLiveMemory } from '../vmcore/live-memory.js';

/** How long a rehearsal takes at most, in milliseconds. What it has done until then counts. */
const MAX_MILLISECONDS = 60_000;

/** Result of a rehearsal. */
export interface RehearsedSave {
  /** Number of records in the kernel's log. */
  readonly logRecords: number;
  /** The size of the dump in bytes; undefined if the time did not suffice to find out which pages are kept. */
  readonly size: number | undefined;
  /** How much of the memory was gone through, from 0 to 1; below 1, the size is an estimate. */
  readonly part: number;
}

/** How a rehearsal is run. */
export interface RehearsalOptions {
  /** {@link LIVE_MEMORY} but in a test. */
  readonly live?: LiveMemoryPaths | undefined;
  /** Called from time to time. */
  readonly onProgress?: ((progress: SaveProgress) => void) | undefined;
}

/**
 * Saves the running kernel's memory as a crash would be saved, and throws the result away: reads its log, finds out
 * what each page is used for, reads the pages that are kept, and compresses them. Nothing is written.
 *
 * @throws KexecError, as the save does; `file-access` if the memory cannot be read: a locked-down kernel refuses it.
 */
export async function rehearseSave(
  { filter, compress }: Pick<KdumpSettings, 'filter' | 'compress'>,
  { live, onProgress = () => {} }: RehearsalOptions = {},
): Promise<RehearsedSave> {
  const { vmcore, size, close } = openLiveMemory(live);
  try {
    let logRecords = 0;
    for (const _ of vmcore.log()) logRecords += 1;
    const pack = await loadNodePacker(compress, vmcore.addressSpace?.pageSize ?? 4096);
    const options = {
      filter: parseFilter(filter) ?? 0,
      format: 'kdump',
      compression: compress,
      pack,
    } as const;
    const steps = streamVmcore(vmcore, size, options, NOWHERE);
    return { logRecords, ...(await runForAWhile(steps, onProgress)) };
  } finally {
    close();
  }
}

async function runForAWhile(
  steps: Generator<SaveProgress, { readonly size: bigint }>,
  onProgress: (progress: SaveProgress) => void,
): Promise<Pick<RehearsedSave, 'size' | 'part'>> {
  const end = performance.now() + MAX_MILLISECONDS;
  for (let last: SaveProgress | undefined; ; ) {
    const step = attempt(() => steps.next());
    if (step instanceof KexecError) {
      // The memory of a running kernel changes between the two passes of a save.
      if (step.check === 'dump-save' && last?.phase === 'save') return estimate(last);
      throw step;
    }
    if (step.done === true) return { size: Number(step.value.size), part: 1 };
    last = step.value;
    onProgress(last);
    if (performance.now() > end) return estimate(last);
    await yieldToEventLoop();
  }
}

function estimate({ phase, size, done, total }: SaveProgress): Pick<RehearsedSave, 'size' | 'part'> {
  return { size, part: phase === 'look' ? 0 : done / total };
}

/** Describes a rehearsal in a clause. */
export function describeRehearsal({ logRecords, size, part }: RehearsedSave): string {
  const log = `${logRecords} messages of its log can be read`;
  if (size === undefined) return `${log}; a minute did not suffice to find out which pages would be saved`;
  const memory = part === 1 ? '' : `, estimated after ${Math.floor(part * 100)} % of it`;
  return `${log}, and a dump of its memory would now take ${formatSize(BigInt(Math.ceil(size)))}${memory}`;
}
