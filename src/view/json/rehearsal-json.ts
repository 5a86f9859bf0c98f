import { formatRange } from '../../base/range.js';
import { hex } from '../../base/u64.js';
import type { RehearsalOutcome } from '../../crash/rehearsal/outcome.js';
import type { StandIn } from '../../crash/rehearsal/stand-in.js';
import type { Kimage } from '../../kexec/kimage.js';
import { listCrashRegions } from '../../machine/crash-regions.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Report } from './schemas/report-schemas.js';

/** The outcome of a rehearsal, and what it ran. */
export interface RehearsalFacts extends RehearsalOutcome {
  /** The name of the machine that the guest stands in for. */
  readonly machine: string;
  readonly standIn: StandIn;
  /** What the guest recorded of itself; absent if it did not come up. */
  readonly guest?: Machine;
  /** The capture kernel's kimage; absent if it could not be loaded. */
  readonly kimage?: Kimage;
  /** The saved dump; absent if there is none that can be read. */
  readonly dump?: {
    readonly size: bigint;
    readonly release?: string | undefined;
    readonly panic?: string | undefined;
  };
  /** How long each step took. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Path of the file with the guest's console output. */
  readonly console: string;
}

/** What `crash rehearse --json` prints. Sizes are "0x…", in bytes; times are seconds. */
export function buildRehearsalJson(facts: RehearsalFacts): Report<'crash-rehearse'> {
  const { machine, stage, seen, standIn, guest, kimage, dump, seconds, console } = facts;
  const { notes, qemu, firmware, crashkernel, captureCommandLine } = standIn;
  return {
    machine,
    verdict: stage === 'vmcore' ? 'ok' : 'failed',
    stage,
    seen,
    qemu,
    firmware,
    crashkernel,
    captureCommandLine,
    notes,
    ...(guest?.crashRegion === undefined ? {} : { crashRegion: formatCrashRegions(guest) }),
    ...(kimage === undefined ? {} : { segments: listSegments(kimage) }),
    ...(dump === undefined
      ? {}
      : { vmcore: { size: hex(dump.size), release: dump.release, panic: dump.panic } }),
    seconds,
    console,
  };
}

export function formatCrashRegions(machine: Machine): string[] {
  return listCrashRegions(machine).map(formatRange);
}

/** Names and physical addresses of a kimage's segments. */
export function listSegments(kimage: Kimage): readonly { readonly name: string; readonly mem: string }[] {
  return kimage.segments.map(({ name, mem }) => ({ name, mem: hex(mem) }));
}
