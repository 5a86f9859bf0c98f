import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRNO, KexecError } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import { buildCaptureInitrd, type CaptureModule } from '../../../crash/capture/capture-initrd.js';
import { judgeCrash, type RehearsalOutcome, takeLastLines } from '../../../crash/rehearsal/outcome.js';
import type { StandIn } from '../../../crash/rehearsal/stand-in.js';
import { kexecFileLoad } from '../../../kexec/file-load.js';
import type { Kimage } from '../../../kexec/kimage.js';
import type { Machine } from '../../../machine/machine-value.js';
import { summarizeVmcore } from '../../../vmcore/summary/vmcore-summary.js';
import { nodeHashes } from '../../codecs/node-hashes.js';
import { buildCollectorScript } from '../../collect/collector-script.js';
import { recordFiles } from '../../collect/record-files.js';
import { readTar } from '../../collect/record-tar.js';
import { withVmcore } from '../../vmcore/vmcore-file.js';
import { type BootEnd, type Guest, startGuest } from '../qemu-process.js';
import { Dialogue, sendLines } from './dialogue.js';
import { buildGuestArchive, REHEARSAL_MARK } from './guest-archive.js';
import { buildPlan } from './kimage-file.js';

/** What is rehearsed. */
export interface RehearsalRequest {
  readonly standIn: StandIn;
  /** The Image that crashes. */
  readonly kernel: Uint8Array;
  /** The Image that saves. */
  readonly captureKernel: Uint8Array;
  /** The capture kernel's initrd. Behind it comes one that saves to a disk of the rehearsal's. */
  readonly initrd: Uint8Array;
  readonly busybox: Uint8Array;
  /** What the capture kernel needs for a disk of NVMe or virtio. */
  readonly modules: readonly CaptureModule[];
  /** An empty folder for what the guest runs and saves; what is in it can be deleted afterwards. */
  readonly folder: string;
  /** Seconds. */
  readonly timeout: number;
  readonly onConsole: (text: string) => void;
  /** Is told what happens next. */
  readonly onStep: (step: string) => void;
}

/** A dump that came out of a rehearsal. */
export interface RehearsedDump {
  /** In the rehearsal's folder. */
  readonly path: string;
  readonly size: bigint;
  readonly release?: string | undefined;
  readonly panic?: string | undefined;
}

export interface Rehearsal extends RehearsalOutcome {
  readonly dump?: RehearsedDump;
  /** The guest as it was recorded, if it came up. */
  readonly guest?: Machine;
  /** What was loaded, if it was. */
  readonly kimage?: Kimage;
  /** Seconds that steps took that were got through, by name. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Disks of the rehearsal's: whichever of them the capture kernel has a driver for. */
const DISKS = [
  { name: 'nvme', device: 'nvme,serial=rehearsal', node: '/dev/nvme0n1' },
  { name: 'virtio', device: 'virtio-blk-pci', node: '/dev/vda' },
] as const;

/** What they need. */
export const DISK_MODULES = ['virtio_pci', 'virtio_blk', 'nvme'] as const;

/** An initrd is followed by another at such a place: the kernel looks for archives at multiples of 4. */
const ARCHIVE_ALIGNMENT = 4;

/** The dump's size, and room for its headers. */
const DISK_SPARE = 64n << 20n;

/** Seconds that the script waits for a disk: they are there from the start, or never. */
const DISK_PATIENCE = 2;

/**
 * Rehearses a crash: boots a kernel in QEMU, with its crash region; loads a capture kernel there, as this program plans it
 * for the guest that it then is; makes it panic, and looks for the dump.
 *
 * @throws KexecError check `qemu-run`, if QEMU cannot be run.
 */
export async function rehearse(request: RehearsalRequest): Promise<Rehearsal> {
  const { standIn, folder } = request;
  const initrd = captureInitrd(request);
  const paths = { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd') };
  await writeFile(paths.kernel, request.kernel);
  const { busybox, captureKernel } = request;
  await writeFile(paths.initrd, buildGuestArchive({ busybox, kernel: captureKernel, initrd }));

  const dialogue = new Dialogue();
  const guest = await startGuest(standIn.qemu, {
    folder,
    timeout: request.timeout,
    arguments: [
      ...['-kernel', paths.kernel, '-initrd', paths.initrd, '-append', standIn.commandLine],
      ...disksIn(folder, diskSize(standIn)),
    ],
    onConsole: (text) => {
      request.onConsole(text);
      dialogue.hear(text);
    },
  });
  const ended = endOf(guest).finally(() => dialogue.close());
  // Whoever waits for it hears of its failure; until then, that nobody does is no error.
  ended.catch(() => {});
  try {
    return await new Run(request, initrd, guest, dialogue, ended).play();
  } finally {
    guest.stop();
    await ended;
  }
}

/** One rehearsal, while it goes on. */
class Run {
  readonly #request: RehearsalRequest;
  readonly #initrd: Uint8Array;
  readonly #guest: Guest;
  readonly #dialogue: Dialogue;
  readonly #ended: Promise<string>;
  readonly #seconds: Record<string, number> = {};
  #since = performance.now();

  constructor(
    request: RehearsalRequest,
    initrd: Uint8Array,
    guest: Guest,
    dialogue: Dialogue,
    ended: Promise<string>,
  ) {
    this.#request = request;
    this.#initrd = initrd;
    this.#guest = guest;
    this.#dialogue = dialogue;
    this.#ended = ended;
  }

  async play(): Promise<Rehearsal> {
    const { onStep, standIn } = this.#request;
    onStep(`booting, with ${standIn.crashkernel.join(' ')}`);
    if ((await this.#hear('up (.*)')) === undefined) return this.#stopped('boot');
    const reserved = await this.#hear('reserved (\\d+)');
    this.#took('boot');
    if (reserved === undefined) return this.#stopped('boot');
    if (Number(reserved) === 0) return this.#stopped('crashkernel', this.#reservationLog());

    onStep('planning');
    const facts = await this.#hear('facts\\s([\\s\\S]*?)\\s', 'end');
    if (facts === undefined) return this.#stopped('load');
    const guest = await machineOf(Buffer.from(facts, 'base64'));
    const plan = this.#plan(guest);
    if (plan instanceof KexecError) return { ...this.#refused(plan), guest };
    onStep('loading');
    const known = { guest, kimage: plan };
    if (!(await this.#send(plan))) return { ...(await this.#stopped('load')), ...known };
    const status = await this.#hear('loaded (\\d+)');
    this.#took('load');
    if (status !== '0') return { ...(await this.#stopped('load', [callFailed(status)])), ...known };

    onStep('crashing');
    return { ...(await this.#crash()), ...known };
  }

  async #crash(): Promise<Rehearsal> {
    await this.#hear('panic');
    const from = this.#dialogue.said.length;
    const end = await this.#ended;
    this.#took('crash and save');
    const outcome = judgeCrash(this.#dialogue.said.slice(from), end);
    if (!('saved' in outcome)) return { ...outcome, seconds: this.#seconds };
    return { ...findDump(this.#request.folder, outcome.saved), seconds: this.#seconds };
  }

  /** The Image that crashes runs in the guest, so the plan is for the guest as it told that it is. */
  #plan(machine: Machine): Kimage | KexecError {
    const { captureKernel, standIn } = this.#request;
    const result = kexecFileLoad(
      {
        kernel: captureKernel,
        initrd: this.#initrd,
        options: { type: 'crash', commandLine: standIn.captureCommandLine },
        hashes: nodeHashes,
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      },
      machine,
    );
    return 'refusal' in result ? result.refusal : result.kimage;
  }

  async #send(kimage: Kimage): Promise<boolean> {
    const { gzipSync } = await import('node:zlib');
    const asked = new RegExp(`${REHEARSAL_MARK} next`);
    return sendLines(this.#guest, this.#dialogue, gzipSync(buildPlan(kimage)), asked);
  }

  /** What the guest's script tells next, and what of it fits. */
  async #hear(what: string, until?: string): Promise<string | undefined> {
    const end = until === undefined ? '' : `${REHEARSAL_MARK} ${until}`;
    const match = await this.#dialogue.next(new RegExp(`${REHEARSAL_MARK} ${what}${end}`));
    return match === undefined ? undefined : (match[1] ?? '').trim();
  }

  #took(step: string): void {
    const now = performance.now();
    this.#seconds[step] = Math.round((now - this.#since) / 100) / 10;
    this.#since = now;
  }

  /** The guest ends here, if it has not ended. */
  async #stopped(stage: RehearsalOutcome['stage'], seen?: readonly string[]): Promise<Rehearsal> {
    if (seen !== undefined) return { stage, seen, seconds: this.#seconds };
    const end = await this.#ended;
    return { stage, seen: [...takeLastLines(this.#dialogue.said), end], seconds: this.#seconds };
  }

  #refused({ errno, check, seen }: KexecError): Rehearsal {
    return { stage: 'load', seen: [`${errno} (${check}): ${seen}`], seconds: this.#seconds };
  }

  /** What the kernel said of its reservation. */
  #reservationLog(): string[] {
    const lines = this.#dialogue.said
      .split('\n')
      .filter((line) => line.includes('crashkernel') && /cannot|fail|fall/.test(line));
    return lines.length > 0
      ? lines.map((line) => line.trim())
      : ['the kernel did not say why: more than there is, or not a size that it understands'];
  }
}

function callFailed(status: string | undefined): string {
  const name = Object.entries(ERRNO).find(([, number]) => number === Number(status))?.[0];
  return `kexec_load(2) was refused: ${name ?? `errno ${status}`}`;
}

async function machineOf(tar: Uint8Array): Promise<Machine> {
  return recordFiles('guest', await readTar('what the guest told', tar));
}

/** What the capture kernel gets: the initrd that was given, and behind it one whose init runs in its place. */
function captureInitrd({ initrd, busybox, modules }: RehearsalRequest): Uint8Array {
  const ours = buildCaptureInitrd({
    busybox,
    modules,
    collector: buildCollectorScript(),
    targets: DISKS.map(({ node }) => ({ kind: 'raw', value: node, path: '' })),
    patience: DISK_PATIENCE,
    end: 'poweroff',
  });
  const start = Math.ceil(initrd.length / ARCHIVE_ALIGNMENT) * ARCHIVE_ALIGNMENT;
  const both = new Uint8Array(start + ours.length);
  both.set(initrd);
  both.set(ours, start);
  return both;
}

function diskSize({ qemu }: StandIn): bigint {
  const [, count = '0', unit = 'M'] = /^(\d+)([MGT]?)$/i.exec(qemu.memory) ?? [];
  const shift = { M: 20n, G: 30n, T: 40n }[unit.toUpperCase()] ?? 20n;
  return (BigInt(count) << shift) + DISK_SPARE;
}

/** Options for QEMU's disks. Their files take room only as they are written, and need not survive this machine. */
function disksIn(folder: string, size: bigint): string[] {
  return DISKS.flatMap(({ name, device }) => {
    const path = join(folder, name);
    const file = openSync(path, 'wx');
    ftruncateSync(file, Number(size));
    closeSync(file);
    return [
      ...['-drive', `if=none,id=${name},format=raw,cache=unsafe,file=${path.replaceAll(',', ',,')}`],
      ...['-device', `${device},drive=${name}`],
    ];
  });
}

/** How the guest ended, in words; it never fails. */
async function endOf(guest: Guest): Promise<string> {
  try {
    return endText(await guest.end);
  } catch (error) {
    if (error instanceof KexecError && error.errno === 'ETIMEDOUT') return error.seen;
    throw error;
  }
}

function endText(end: BootEnd): string {
  if (end.poweredOff) return 'the guest powered off';
  return 'reset' in end ? 'the guest asked for a reset' : `the guest was stopped by ${end.signal}`;
}

const ELF_MAGIC = 0x464c457f;

/** Looks at the dump on that disk which has one. */
function findDump(folder: string, size: bigint): RehearsalOutcome & { readonly dump?: RehearsedDump } {
  const path = DISKS.map(({ name }) => join(folder, name)).find((disk) => firstWord(disk) === ELF_MAGIC);
  if (path === undefined) {
    return { stage: 'read', seen: ['the capture kernel says that it saved a dump, and there is none'] };
  }
  try {
    const { release, panic, problems } = withVmcore(path, summarizeVmcore);
    const dump = { path, size, release, panic };
    const stage = panic === undefined ? 'read' : 'vmcore';
    return { stage, seen: problems, dump };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return { stage: 'read', seen: [`the dump of ${hex(size)} bytes cannot be read: ${error.seen}`] };
  }
}

function firstWord(path: string): number {
  const file = openSync(path, 'r');
  try {
    const word = Buffer.alloc(4);
    readSync(file, word, 0, word.length, 0);
    return word.readUInt32LE();
  } finally {
    closeSync(file);
  }
}
