import type { KexecError } from '../../../base/error.js';
import type { TrailEntry } from '../../../base/trail.js';
import type { LoadCall } from '../../../kexec/load-options.js';
import type { LiveLoad, LiveLoaded } from '../../../node/live/load-request.js';
import type { Reboot } from '../../../node/live/system-calls/reboot.js';
import type { KexecState } from '../../../node/live/system-calls/state.js';
import type { Printable } from '../../../view/text/printable.js';
import type { ImageType, RequestHost, SyscallChoice } from './kexec-request.js';

/** What the drop-in acts on: this machine, or a substitute in a test. */
export interface KexecHost extends RequestHost {
  /** Columns of the terminal; undefined if there is none. */
  readonly columns?: number | undefined;
  /** This package's version. */
  version(): string;
  /** Prints a line on standard output. */
  print(text: Printable): void;
  /** Prints a sentence on standard error, as one line. */
  complain(text: string): void;
  /** Prints a refusal on standard error. */
  complainOf(error: KexecError): Promise<void>;
  /** Prints every check of a load on standard error. */
  complainTrail(trail: readonly TrailEntry[]): Promise<void>;
  status(): Promise<KexecState>;
  /** Chooses the system call for a load. @throws KexecError */
  chooseCall(load: LiveLoad): Promise<LoadCall>;
  load(load: LiveLoad): Promise<LiveLoaded>;
  unload(type: ImageType, syscall: SyscallChoice): Promise<void>;
  /** Reads /proc/cmdline, without the line end. */
  runningCommandLine(): Promise<string>;
  openReboot(): Promise<Reboot>;
  /** @returns a sentence for each interface that stays up */
  takeInterfacesDown(): Promise<readonly string[]>;
  /** Runs `shutdown -r now`. @returns its exit code; undefined if there is no such program */
  shutDown(): Promise<number | undefined>;
}
