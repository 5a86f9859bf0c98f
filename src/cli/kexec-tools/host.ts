import type { KexecError } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';
import type { LiveLoad, LiveLoaded, LoadCall } from '../../node/live/load-request.js';
import type { Reboot } from '../../node/live/system-calls/reboot.js';
import type { KexecState } from '../../node/live/system-calls/state.js';
import type { ImageType, SyscallChoice } from './kexec-request.js';

/** What the drop-in acts on: this machine, or what a test has in its place. */
export interface KexecHost {
  /** Whether POSIXLY_CORRECT asks for options before operands alone. */
  readonly posixlyCorrect: boolean;
  /** This package's version. */
  version(): string;
  /** A line for standard output. */
  print(text: string): void;
  /** A line for standard error. */
  complain(text: string): void;
  /** A refusal in words, on standard error. */
  complainOf(error: KexecError): Promise<void>;
  /** Every check of a load, on standard error. */
  complainTrail(trail: readonly TrailEntry[]): Promise<void>;
  status(): Promise<KexecState>;
  /** Which system call a load would be made by. @throws KexecError */
  chooseCall(load: LiveLoad): Promise<LoadCall>;
  load(load: LiveLoad): Promise<LiveLoaded>;
  unload(type: ImageType, syscall: SyscallChoice): Promise<void>;
  /** What /proc/cmdline says, without its line's end. */
  runningCommandLine(): Promise<string>;
  openReboot(): Promise<Reboot>;
  /** @returns what stays up, and why. */
  takeInterfacesDown(): Promise<readonly string[]>;
  /** Runs `shutdown -r now`. @returns its exit code; undefined if there is no such program. */
  shutDown(): Promise<number | undefined>;
}
