import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
import { recordFiles } from '../../collect/record-files.js';
import { readTar } from '../../collect/record-tar.js';
import { toAccessError } from '../../files/access-error.js';
import { type BootEnd, type Guest, startGuest } from '../qemu-process.js';
import { Dialogue, sendLines } from './dialogue.js';
import { buildGuestArchive, REHEARSAL_MARK } from './guest-archive.js';
import { buildPlan } from './kimage-file.js';
import { createDisks, findDump, listDiskTargets, type RehearsedDump } from './rehearsal-disks.js';

export interface RehearsalRequest {
  readonly standIn: StandIn;
  /** The Image that crashes. */
  readonly kernel: Uint8Array;
  /** The Image that saves. */
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
 * @throws KexecError check `qemu-run`, if QEMU cannot be run.
 */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const { standIn, folder, busybox, captureKernel } = request;
  const initrd = buildRehearsalInitrd(request);
  const paths = { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd') };
  const archive = buildGuestArchive({ busybox, kernel: captureKernel, initrd });
  try {
    await writeFile(paths.kernel, request.kernel);
    await writeFile(paths.initrd, archive);
  } catch (cause) {
    throw toAccessError(`cannot write to ${folder}`, cause);
  }

  const dialogue = new Dialogue();
  const guest = await startGuest(standIn.qemu, {
    folder,
    timeout: request.timeout,
    arguments: [
      ...['-kernel', paths.kernel, '-initrd', paths.initrd, '-append', standIn.commandLine],
      ...createDisks(folder, standIn.qemu),
    ],
    onConsole: (text) => {
      request.onConsole(text);
      dialogue.append(text);
    },
  });
  const ended = describeEnd(guest).finally(() => dialogue.close());
  // A failure is reported where `ended` is awaited; until then it must not count as unhandled.
  ended.catch(() => {});
  try {
    return await new RehearsalRun(request, initrd, { guest, dialogue, ended }).run();
  } finally {
    guest.stop();
    await ended;
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

/** Describes how the guest ended, once it has. @throws KexecError, as {@link Guest.end}, except for the time limit. */
async function describeEnd(guest: Guest): Promise<string> {
  try {
    return formatEnd(await guest.end);
  } catch (error) {
    if (error instanceof KexecError && error.errno === 'ETIMEDOUT') return error.seen;
    throw error;
  }
}

function formatEnd(end: BootEnd): string {
  if (end.poweredOff) return 'the guest powered off';
  return 'reset' in end ? 'the guest requested a reset' : `the guest was stopped by ${end.signal}`;
}

/** A guest that runs, its console, and how it ends, in words. */
interface RunningGuest {
  readonly guest: Guest;
  readonly dialogue: Dialogue;
  readonly ended: Promise<string>;
}

/** The steps of one rehearsal. */
class RehearsalRun {
  readonly #request: RehearsalRequest;
  readonly #initrd: Uint8Array;
  readonly #running: RunningGuest;
  readonly #seconds: Record<string, number> = {};
  #stepStart = performance.now();

  constructor(request: RehearsalRequest, initrd: Uint8Array, running: RunningGuest) {
    this.#request = request;
    this.#initrd = initrd;
    this.#running = running;
  }

  async run(): Promise<Rehearsal> {
    const { onStep, standIn } = this.#request;
    onStep(`booting, with ${standIn.crashkernel.join(' ')}`);
    if ((await this.#waitFor('up (.*)')) === undefined) return this.#fail('boot');
    const reserved = await this.#waitFor('reserved (\\d+)');
    this.#measure('boot');
    if (reserved === undefined) return this.#fail('boot');
    if (Number(reserved) === 0) return this.#report('crashkernel', this.#findReservationLog());

    onStep('planning');
    const facts = await this.#waitFor('facts\\s([\\s\\S]*?)\\s', 'end');
    if (facts === undefined) return this.#fail('load');
    const guest = await recordGuest(Buffer.from(facts, 'base64'));
    const kimage = this.#plan(guest);
    if (kimage instanceof KexecError) {
      const { errno, check, seen } = kimage;
      return { ...this.#report('load', [`${errno} (${check}): ${seen}`]), guest };
    }

    onStep('loading');
    if (!(await this.#send(kimage))) return { ...(await this.#fail('load')), guest, kimage };
    const status = await this.#waitFor('loaded (\\d+)');
    this.#measure('load');
    if (status !== '0') return { ...this.#report('load', [describeFailedCall(status)]), guest, kimage };

    onStep('crashing');
    return { ...(await this.#crash()), guest, kimage };
  }

  async #crash(): Promise<Rehearsal> {
    const { dialogue, ended } = this.#running;
    await this.#waitFor('panic');
    const from = dialogue.text.length;
    const end = await ended;
    this.#measure('crash and save');
    const outcome = judgeCrash(dialogue.text.slice(from), end);
    if (!('saved' in outcome)) return { ...outcome, seconds: this.#seconds };
    return { ...findDump(this.#request.folder, outcome.saved), seconds: this.#seconds };
  }

  /** Plans the load for the guest as it reports itself, because the Image that crashes runs there. */
  #plan(guest: Machine): Kimage | KexecError {
    const { captureKernel, standIn } = this.#request;
    const result = kexecFileLoad(
      {
        kernel: captureKernel,
        initrd: this.#initrd,
        options: { type: 'crash', commandLine: standIn.captureCommandLine },
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
    const { guest, dialogue } = this.#running;
    return sendLines(guest, dialogue, gzipSync(buildPlan(kimage)), new RegExp(`${REHEARSAL_MARK} next`));
  }

  /**
   * Waits for a line of the guest's script.
   *
   * @param pattern - of the text behind the mark
   * @param until - the word of the line that ends the text, if it has several lines
   * @returns the text of the pattern's group; undefined if the guest ends without the line
   */
  async #waitFor(pattern: string, until?: string): Promise<string | undefined> {
    const end = until === undefined ? '' : `${REHEARSAL_MARK} ${until}`;
    const match = await this.#running.dialogue.waitFor(new RegExp(`${REHEARSAL_MARK} ${pattern}${end}`));
    return match === undefined ? undefined : (match[1] ?? '').trim();
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
    return this.#report(stage, [...takeLastLines(this.#running.dialogue.text), end]);
  }

  /** Finds the lines of the kernel's log about its reservation. */
  #findReservationLog(): string[] {
    const lines = this.#running.dialogue.text
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

async function recordGuest(tar: Uint8Array): Promise<Machine> {
  return recordFiles('guest', await readTar('the tar of the guest', tar));
}
