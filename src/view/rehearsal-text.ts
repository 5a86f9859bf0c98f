import { formatRange } from '../base/range.js';
import { hex } from '../base/u64.js';
import type { RehearsalOutcome } from '../crash/rehearsal/outcome.js';
import type { StandIn } from '../crash/rehearsal/stand-in.js';
import type { Kimage } from '../kexec/kimage.js';
import type { Machine } from '../machine/machine-value.js';
import { formatFacts } from './facts-text.js';
import { formatSize } from './sizes.js';

/** What a rehearsal came to, and of what. */
export interface RehearsalFacts extends RehearsalOutcome {
  /** The machine that it was for. */
  readonly machine: string;
  readonly standIn: StandIn;
  readonly guest?: Machine;
  readonly kimage?: Kimage;
  readonly dump?: {
    readonly size: bigint;
    readonly release?: string | undefined;
    readonly panic?: string | undefined;
  };
  /** By step. */
  readonly seconds: Readonly<Record<string, number>>;
  /** The file with what the console said. */
  readonly console: string;
}

/** What each stage is called where a rehearsal stopped there. */
const STOPPED: Readonly<Record<RehearsalOutcome['stage'], string>> = {
  boot: 'the kernel did not come up',
  crashkernel: 'no memory was reserved for a capture kernel',
  load: 'the capture kernel could not be loaded',
  panic: 'the kernel did not panic',
  'capture-kernel': 'the capture kernel did not come up',
  dump: 'the capture kernel came up, and has no /proc/vmcore',
  save: 'the capture kernel came up, and the dump was not saved',
  read: 'a dump was saved that cannot be read',
  vmcore: 'a vmcore came out',
};

/** What `crash rehearse --json` prints. Sizes are "0x…", times are seconds. */
export function rehearsalJson(facts: RehearsalFacts): object {
  const { machine, stage, seen, standIn, guest, kimage, dump, seconds, console } = facts;
  const { notes, qemu, crashkernel, captureCommandLine } = standIn;
  return {
    machine,
    verdict: stage === 'vmcore' ? 'ok' : 'failed',
    stage,
    seen,
    qemu,
    crashkernel,
    captureCommandLine,
    notes,
    ...(guest?.crashRegion === undefined ? {} : { crashRegion: regionsOf(guest) }),
    ...(kimage === undefined ? {} : { segments: segmentsOf(kimage) }),
    ...(dump === undefined
      ? {}
      : { vmcore: { size: hex(dump.size), release: dump.release, panic: dump.panic } }),
    seconds,
    console,
  };
}

/** What `crash rehearse` prints. */
export function rehearsalText(facts: RehearsalFacts): string {
  const { machine, stage, seen, standIn, guest, kimage, dump, seconds, console } = facts;
  const { qemu, crashkernel, notes } = standIn;
  return formatFacts({
    rehearsal: `${machine}: ${STOPPED[stage]}`,
    ...(seen.length === 0 ? {} : { seen }),
    guest: [
      `QEMU, ${qemu.cpu}, ${qemu.memory} of RAM, CPUs: ${qemu.cpus}, ${crashkernel.join(' ')}`,
      ...notes,
    ],
    ...(guest?.crashRegion === undefined ? {} : { crashRegion: regionsOf(guest).join(' and ') }),
    ...(kimage === undefined
      ? {}
      : { loaded: segmentsOf(kimage).map(({ name, mem }) => `${name} at ${mem}`) }),
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
  });
}

function regionsOf({ crashRegion }: Machine): string[] {
  return [crashRegion?.high, crashRegion?.low].filter((region) => region !== undefined).map(formatRange);
}

function segmentsOf(kimage: Kimage): readonly { readonly name: string; readonly mem: string }[] {
  return kimage.segments.map(({ name, mem }) => ({ name, mem: hex(mem) }));
}
