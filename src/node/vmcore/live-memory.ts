import { subtract } from '../../base/range.js';
import {
  findCrashKernelRanges,
  findDriverManagedRam,
  findSystemRam,
  parseIomem,
} from '../../formats/iomem.js';
import { openVmcore, type Vmcore } from '../../vmcore/open/open-vmcore.js';
import { restrictMemory } from '../../vmcore/open/restrict-memory.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { openFileSource } from '../files/file-source.js';
import { readText } from '../files/read-file.js';

/** Where the running kernel shows its memory (fs/proc/kcore.c), and its map. */
export const LIVE_MEMORY = { memory: '/proc/kcore', map: '/proc/iomem' } as const;

/** Two paths: memory as an ELF core, and its map in the form of /proc/iomem. */
export type LiveMemoryPaths = Readonly<Record<keyof typeof LIVE_MEMORY, string>>;

/** The running kernel's memory, as a dump. It changes while it is read. */
export interface LiveMemory {
  /** Its memory is what a dump would have: RAM without the crash region. */
  readonly vmcore: Vmcore;
  /** The size of the file that it is read from, in bytes. */
  readonly size: bigint;
  close(): void;
}

/**
 * Opens the running kernel's memory as a dump of it would have it.
 *
 * @param paths - {@link LIVE_MEMORY} but in a test
 * @throws KexecError: `file-access` if this is not root or the kernel is locked down; or as `openVmcore()`.
 */
export function openLiveMemory({ memory, map }: LiveMemoryPaths = LIVE_MEMORY): LiveMemory {
  const resources = parseIomem(readText(map));
  const ram = [...findSystemRam(resources), ...findDriverManagedRam(resources)];
  const dumped = subtract(ram, findCrashKernelRanges(resources));
  const source = openFileSource(memory);
  try {
    const live = openVmcore(source, nodeCodecs);
    const vmcore = { ...live, memory: restrictMemory(live.memory, dumped) };
    return { vmcore, size: source.size, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}
