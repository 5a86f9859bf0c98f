import { ERRNO, KexecError } from '../../../base/error.js';
import { systemRandom } from '../../../base/random.js';
import { buildCaptureInitrd, type CaptureModule } from '../../../crash/capture/capture-initrd.js';
import { judgeCrash, type RehearsalOutcome, takeLastLines } from '../../../crash/rehearsal/outcome.js';
import type { StandIn } from '../../../crash/rehearsal/stand-in.js';
import { kexecFileLoad } from '../../../kexec/file-load.js';
import type { Kimage } from '../../../kexec/kimage.js';
import type { Machine } from '../../../machine/machine-value.js';
import { nodeHashes } from '../../codecs/node-hashes.js';
import { buildCollectorScript } from '../../collect/collector-script.js';
import { findQemuPlatform } from '../qemu-platforms.js';
import { ReportingGuest } from '../reporting-guest.js';
import { requireKernelKind } from '../require-kernel-kind.js';
import { buildPlan } from './kimage-file.js';
import { buildRehearsalArchive } from './rehearsal-archive.js';
import { createDisks, findDump, listDiskTargets, type RehearsedDump } from './rehearsal-disks.js';

export interface RehearsalRequest {
  readonly standIn: StandIn;
  /** The kernel that crashes: of the kind that the platform boots. */
  readonly kernel: Uint8Array;
  /** The kernel that saves. */
  readonly captureKernel: Uint8Array;
  /** The capture kernel's initrd. A second one, which saves to a disk of the rehearsal, is appended to it. */
  readonly initrd: Uint8Array;
  readonly busybox: Uint8Array;
  /** What the capture kernel needs for an NVMe or virtio disk. */
  readonly modules: readonly CaptureModule[];
  /** An empty folder for the files of the guest and its dump; the caller deletes it. */
  readonly folder: string;
  /** The time limit in seconds. */
  readonly timeout: number;
  /** Called with the text of the guest's console, as it arrives. */
  readonly onConsole: (text: string) => void;
  /** Called before each step, with its name. */
  readonly onStep: (step: string) => void;
}

export interface Rehearsal extends RehearsalOutcome {
  readonly dump?: RehearsedDump;
  /** The guest as it was recorded, if it booted. */
  readonly guest?: Machine;
  /** What was planned for the guest, if that succeeded. */
  readonly kimage?: Kimage;
  /** How long each completed step took, in seconds, by its name. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** The kernel looks for a further archive in an initrd at multiples of this offset, in bytes. */
const ARCHIVE_ALIGNMENT = 4;

/** How long the script waits for a disk, in seconds: a disk is there from the start, or never. */
const DISK_PATIENCE = 2;

/**
 * Rehearses a crash: boots a kernel in QEMU with its crash region, plans a load of the capture kernel for that guest,
 * loads it there, makes the guest panic, and reads the dump.
 *
 * @throws KexecError check `kernel-file`, if the kernel is of another kind; `qemu-run`, if QEMU cannot be run;
 *   `qemu-firmware`, if it lacks UEFI firmware.
 */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const { standIn, folder, busybox, captureKernel, kernel, timeout, onConsole } = request;
  const { qemu, firmware, commandLine } = standIn;
  const platform = findQemuPlatform(qemu);
  requireKernelKind(platform, kernel);
  const initrd = buildRehearsalInitrd(request);
  const guest = await ReportingGuest.start({
    ...{ qemu, firmware, commandLine, kernel, folder, timeout, onConsole },
    archive: buildRehearsalArchive({
      ...{ busybox, initrd, kernel: captureKernel },
      loader: platform.decodeCrashLoader(),
    }),
    devices: createDisks(folder, qemu),
  });
  try {
    return await new RehearsalRun(request, initrd, guest).run();
  } finally {
    await guest.stop();
  }
}

/** Builds the capture kernel's initrd: the given one, and one whose init replaces the other's. */
function buildRehearsalInitrd({ initrd, busybox, modules }: RehearsalRequest): Uint8Array {
  const ours = buildCaptureInitrd({
    busybox,
    modules,
    collector: buildCollectorScript(),
    targets: listDiskTargets(),
    patience: DISK_PATIENCE,
    end: 'poweroff',
  });
  const start = Math.ceil(initrd.length / ARCHIVE_ALIGNMENT) * ARCHIVE_ALIGNMENT;
  const joined = new Uint8Array(start + ours.length);
  joined.set(initrd);
  joined.set(ours, start);
  return joined;
}

/** The steps of one rehearsal. */
class RehearsalRun {
  readonly #request: RehearsalRequest;
  readonly #initrd: Uint8Array;
  readonly #running: ReportingGuest;
  readonly #seconds: Record<string, number> = {};
  #stepStart = performance.now();

  constructor(request: RehearsalRequest, initrd: Uint8Array, running: ReportingGuest) {
    this.#request = request;
    this.#initrd = initrd;
    this.#running = running;
  }

  async run(): Promise<Rehearsal> {
    const { onStep, standIn } = this.#request;
    onStep(`booting, with ${standIn.crashkernel.join(' ')}`);
    if ((await this.#running.waitFor('up (.*)')) === undefined) return this.#fail('boot');
    const reserved = await this.#running.waitFor('reserved (\\d+)');
    this.#measure('boot');
    if (reserved === undefined) return this.#fail('boot');
    if (Number(reserved) === 0) return this.#report('crashkernel', this.#findReservationLog());

    onStep('planning');
    const guest = await this.#running.record('guest');
    if (guest === undefined) return this.#fail('load');
    const kimage = this.#plan(guest);
    if (kimage instanceof KexecError) {
      const { errno, check, seen } = kimage;
      return { ...this.#report('load', [`${errno} (${check}): ${seen}`]), guest };
    }

    onStep('loading');
    if (!(await this.#send(kimage))) return { ...(await this.#fail('load')), guest, kimage };
    const status = await this.#running.waitFor('loaded (\\d+)');
    this.#measure('load');
    if (status !== '0') return { ...this.#report('load', [describeFailedCall(status)]), guest, kimage };

    onStep('crashing');
    return { ...(await this.#crash()), guest, kimage };
  }

  async #crash(): Promise<Rehearsal> {
    await this.#running.waitFor('panic');
    const from = this.#running.console.length;
    const end = await this.#running.ended;
    this.#measure('crash and save');
    const outcome = judgeCrash(this.#running.console.slice(from), end);
    if (!('saved' in outcome)) return { ...outcome, seconds: this.#seconds };
    return { ...findDump(this.#request.folder, outcome.saved), seconds: this.#seconds };
  }

  /** Plans the load for the guest as it reports itself, because the kernel that crashes runs there. */
  #plan(guest: Machine): Kimage | KexecError {
    const { captureKernel, standIn } = this.#request;
    const result = kexecFileLoad(
      {
        kernel: captureKernel,
        initrd: this.#initrd,
        options: { type: 'crash', call: 'segments', commandLine: standIn.captureCommandLine },
        hashes: nodeHashes,
        random: systemRandom,
      },
      guest,
    );
    return 'refusal' in result ? result.refusal : result.kimage;
  }

  /** Sends the plan. @returns whether the guest received all of it */
  async #send(kimage: Kimage): Promise<boolean> {
    const { gzipSync } = await import('node:zlib');
    return this.#running.send(gzipSync(buildPlan(kimage, this.#request.captureKernel)));
  }

  #measure(step: string): void {
    const now = performance.now();
    this.#seconds[step] = Math.round((now - this.#stepStart) / 100) / 10;
    this.#stepStart = now;
  }

  #report(stage: RehearsalOutcome['stage'], seen: readonly string[]): Rehearsal {
    return { stage, seen, seconds: this.#seconds };
  }

  /** Waits for the end of the guest, and reports its last lines. */
  async #fail(stage: RehearsalOutcome['stage']): Promise<Rehearsal> {
    const end = await this.#running.ended;
    return this.#report(stage, [...takeLastLines(this.#running.console), end]);
  }

  /** Finds the lines of the kernel's log about its reservation. */
  #findReservationLog(): string[] {
    const lines = this.#running.console
      .split('\n')
      .filter((line) => line.includes('crashkernel') && /cannot|fail|fall/.test(line))
      .map((line) => line.trim());
    return lines.length > 0
      ? lines
      : ['the kernel gave no reason: the size is more than there is, or not one that it understands'];
  }
}

function describeFailedCall(status: string | undefined): string {
  const name = Object.entries(ERRNO).find(([, number]) => number === Number(status))?.[0];
  return `kexec_load(2) failed with ${name ?? `errno ${status}`}`;
}
