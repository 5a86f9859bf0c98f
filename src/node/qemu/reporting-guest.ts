import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KexecError } from '../../base/error.js';
import { readTar } from '../../machine/collect/collected-tar.js';
import { recordFiles } from '../../machine/collect/record-files.js';
import type { QemuOptions } from '../../machine/machine-facts.js';
import type { Machine } from '../../machine/machine-value.js';
import type { QemuFirmware } from '../../machine/qemu-firmware.js';
import { toAccessError } from '../files/access-error.js';
import { Dialogue, sendLines } from './dialogue.js';
import { GUEST_MARK } from './guest-archive.js';
import { findQemuPlatform } from './qemu-platforms.js';
import { type BootEnd, type Guest, startGuest } from './qemu-process.js';
import { buildFirmwareArguments } from './uefi-firmware.js';

/** A guest, and what it runs. */
export interface ReportingGuestRequest {
  readonly qemu: QemuOptions;
  readonly firmware: QemuFirmware;
  /** What boots: of the kind that the machine's platform takes. */
  readonly kernel: Uint8Array;
  /** Of buildGuestArchive(). */
  readonly archive: Uint8Array;
  readonly commandLine: string;
  /** Further options of QEMU. */
  readonly devices?: readonly string[];
  /** An empty folder for kernel, archive and QEMU's sockets; the caller deletes it. */
  readonly folder: string;
  /** The time limit in seconds. */
  readonly timeout: number;
  /** Called with the text of the guest's console, as it arrives. */
  readonly onConsole?: (text: string) => void;
}

/** A guest whose script reports on the console, in lines with {@link GUEST_MARK}. */
export class ReportingGuest {
  readonly #guest: Guest;
  readonly #dialogue: Dialogue;
  /**
   * How the guest ended, in words, once it has: the time limit included.
   *
   * @throws KexecError check `qemu-run`, if QEMU cannot be run.
   */
  readonly ended: Promise<string>;

  private constructor(guest: Guest, dialogue: Dialogue) {
    this.#guest = guest;
    this.#dialogue = dialogue;
    this.ended = describeEnd(guest).finally(() => dialogue.close());
    // A failure is reported where `ended` is awaited; until then it must not count as unhandled.
    this.ended.catch(() => {});
  }

  /**
   * Boots the guest.
   *
   * @throws KexecError check `qemu-firmware`, if UEFI firmware or the kernel's EFI stub is missing; the system's errno if
   *   the folder cannot be written
   */
  static async start(request: ReportingGuestRequest): Promise<ReportingGuest> {
    const { qemu, folder, timeout, kernel, archive, commandLine, devices = [] } = request;
    const firmware = buildFirmwareArguments(findQemuPlatform(qemu), request.firmware, kernel);
    const paths = { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd') };
    try {
      await writeFile(paths.kernel, kernel);
      await writeFile(paths.initrd, archive);
    } catch (cause) {
      throw toAccessError(`cannot write to ${folder}`, cause);
    }
    const dialogue = new Dialogue();
    const boot = ['-kernel', paths.kernel, '-initrd', paths.initrd, '-append', commandLine];
    const guest = await startGuest(qemu, {
      folder,
      timeout,
      arguments: [...firmware, ...boot, ...devices],
      onConsole: (text) => {
        request.onConsole?.(text);
        dialogue.append(text);
      },
    });
    return new ReportingGuest(guest, dialogue);
  }

  /** All text of the console so far. */
  get console(): string {
    return this.#dialogue.text;
  }

  /**
   * Waits for a line of the guest's script.
   *
   * @param pattern - of the text behind the mark
   * @param until - the word of the line that ends the text, if it has several lines
   * @returns the text of the pattern's group; undefined if the guest ends without the line
   */
  async waitFor(pattern: string, until?: string): Promise<string | undefined> {
    const end = until === undefined ? '' : `${GUEST_MARK} ${until}`;
    const match = await this.#dialogue.waitFor(new RegExp(`${GUEST_MARK} ${pattern}${end}`));
    return match === undefined ? undefined : (match[1] ?? '').trim();
  }

  /**
   * Waits for the facts of REPORT_FACTS, and records the guest.
   *
   * @returns undefined if the guest ends before it has reported them
   * @throws KexecError as {@link recordFiles}
   */
  async record(name: string): Promise<Machine | undefined> {
    const facts = await this.waitFor('facts\\s([\\s\\S]*?)\\s', 'end');
    if (facts === undefined) return undefined;
    return recordFiles(name, await readTar('the tar of the guest', Buffer.from(facts, 'base64')));
  }

  /** Sends bytes in base64. @returns whether the guest requested all lines (`next`) before it ended */
  send(bytes: Uint8Array): Promise<boolean> {
    return sendLines(this.#guest, this.#dialogue, bytes, new RegExp(`${GUEST_MARK} next`));
  }

  /** Stops the guest, if it still runs. When this returns or throws, QEMU has ended. */
  async stop(): Promise<void> {
    this.#guest.stop();
    await this.ended;
  }
}

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
