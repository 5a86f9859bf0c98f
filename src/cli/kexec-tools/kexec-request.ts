import type { KimageType } from '../../kexec/kimage.js';
import type { LiveLoad } from '../../node/live/load-request.js';
import type { Policy } from '../../trust/policy.js';
import { parseU64 } from '../options/numbers.js';
import { type GivenOption, getoptLong } from './getopt.js';
import { type KexecOption, OPTIONS } from './kexec-options.js';

/** The request of a kexec command line. */
export type KexecRequest =
  | { readonly action: 'help' | 'version' | 'print-crash-size' }
  /** Wrong usage: the help is printed. */
  | { readonly action: 'mistake'; readonly message: string }
  /** An option that this program does not support. */
  | { readonly action: 'refuse'; readonly message: string }
  | { readonly action: 'status'; readonly type: ImageType }
  | RunRequest;

/** Which of the two images of a kernel. */
export type ImageType = KimageType;

/** Which system calls may be used. */
export type SyscallChoice = LiveLoad['syscall'];

/** Unload, load and start: the requested steps, in this order. */
export interface RunRequest {
  readonly action: 'run';
  readonly type: ImageType;
  readonly syscall: SyscallChoice;
  readonly unload: boolean;
  readonly load: boolean;
  /** What starts the loaded kernel: the system call at once, or shutdown(8). */
  readonly start: 'no' | 'exec' | 'shutdown';
  readonly sync: boolean;
  readonly interfacesDown: boolean;
  readonly debug: boolean;
  readonly how: LoadWishes;
  /** A sentence for each argument without effect. */
  readonly notes: readonly string[];
}

/** The options for a load, as given. */
export interface LoadWishes {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly dtb?: string;
  readonly append?: string;
  readonly reuseCommandLine: boolean;
  /** The type of the kernel, as kexec-tools names it. */
  readonly kind?: string;
  /** The lowest and the highest address, both included. */
  readonly memMin?: bigint;
  readonly memMax?: bigint;
  /** 0 is none. */
  readonly entry?: bigint;
  /** `false` if purgatory need not verify the kernel. */
  readonly checks?: boolean;
  readonly policy?: Policy;
  readonly certs: readonly string[];
  readonly keyrings: readonly string[];
  readonly dbx: readonly string[];
}

/** Ends the reading of a command line; the rest is ignored. */
class Answer extends Error {
  readonly request: KexecRequest;

  constructor(request: KexecRequest) {
    super();
    this.request = request;
  }
}

/**
 * Reads the arguments by the rules of kexec-tools (`main()` of kexec/kexec.c): options count in their order, and of
 * those that exclude each other the last counts. `--help`, `--version`, `--print-ckr-size`, a mistake and a refusal end
 * the reading. Without any action, the kernel is loaded and shutdown(8) starts it.
 */
export function readRequest(args: readonly string[], { posixlyCorrect = false } = {}): KexecRequest {
  const { options, operands, mistake } = getoptLong(args, OPTIONS, { posixlyCorrect });
  const state = new RequestState();
  try {
    for (const given of options) state.take(given);
  } catch (error) {
    if (!(error instanceof Answer)) throw error;
    return error.request;
  }
  return mistake === undefined ? state.request(operands) : { action: 'mistake', message: mistake };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

class RequestState {
  #isStatus = false;
  #saysLoad = false;
  #type: ImageType = 'default';
  #syscall: SyscallChoice = 'auto';
  #unload = false;
  #load = true;
  #start: RunRequest['start'] = 'shutdown';
  #noSync = false;
  #noInterfacesDown = false;
  #debug = false;
  readonly #loadOptions = new Set<string>();
  readonly #certs: string[] = [];
  readonly #keyrings: string[] = [];
  readonly #dbx: string[] = [];
  readonly #how: Writable<LoadWishes> = {
    reuseCommandLine: false,
    certs: this.#certs,
    keyrings: this.#keyrings,
    dbx: this.#dbx,
  };

  take({ option, written, value }: GivenOption<KexecOption>): void {
    if (option.isForLoads) this.#loadOptions.add(written);
    const how = this.#how;
    switch (option.id) {
      case 'help':
      case 'version':
      case 'print-crash-size':
        throw new Answer({ action: option.id });
      case 'refused':
        throw new Answer({ action: 'refuse', message: `${written} is refused: ${option.help}` });
      case 'load':
        this.#saysLoad = true;
        this.#act({ load: true, start: 'no' });
        break;
      case 'load-panic':
        this.#type = 'crash';
        this.#act({ load: true, start: 'no' });
        break;
      case 'unload':
        this.#unload = true;
        this.#act({ load: false, start: this.#start === 'exec' ? 'exec' : 'no' });
        break;
      case 'exec':
        this.#act({ load: false, start: 'exec' });
        break;
      case 'force':
        this.#act({ load: true, start: 'exec' });
        break;
      case 'status':
        this.#isStatus = true;
        break;
      case 'append':
        how.append = value;
        break;
      case 'reuse-cmdline':
        how.reuseCommandLine = true;
        break;
      case 'initrd':
        how.initrd = value;
        break;
      case 'dtb':
        how.dtb = value;
        break;
      case 'file-syscall':
        this.#syscall = 'file';
        break;
      case 'segments-syscall':
        this.#syscall = 'segments';
        break;
      case 'auto-syscall':
        this.#syscall = 'auto';
        break;
      case 'type':
        how.kind = value;
        break;
      case 'mem-min':
        how.memMin = readAddress(written, value);
        break;
      case 'mem-max':
        how.memMax = readAddress(written, value);
        break;
      case 'entry':
        how.entry = readAddress(written, value);
        break;
      case 'no-ifdown':
        this.#noInterfacesDown = true;
        break;
      case 'no-sync':
        this.#noSync = true;
        break;
      case 'debug':
        this.#debug = true;
        break;
      case 'policy':
        how.policy = readPolicy(written, value);
        break;
      case 'cert':
        this.#certs.push(value);
        break;
      case 'keyring':
        this.#keyrings.push(value);
        break;
      case 'dbx':
        this.#dbx.push(value);
        break;
      case 'no-checks':
        how.checks = false;
        break;
      case 'force-dtb':
        // Always done.
        break;
    }
  }

  request(operands: readonly string[]): KexecRequest {
    if (this.#isStatus) {
      return { action: 'status', type: this.#saysLoad ? this.#type : 'crash' };
    }
    const [kernel, ...surplus] = operands;
    if (this.#load && kernel !== undefined) this.#how.kernel = kernel;
    return {
      action: 'run',
      type: this.#type,
      syscall: this.#syscall,
      unload: this.#unload,
      load: this.#load,
      start: this.#start,
      sync: !this.#noSync,
      interfacesDown: !this.#noInterfacesDown,
      debug: this.#debug,
      how: this.#how,
      notes: this.#notes(this.#load ? surplus : operands),
    };
  }

  #act({ load, start }: { load: boolean; start: RunRequest['start'] }): void {
    this.#load = load;
    this.#start = start;
  }

  #notes(surplus: readonly string[]): string[] {
    const idle = [...surplus, ...(this.#load ? [] : this.#loadOptions)];
    return idle.map((what) => `${what} has no effect${this.#load ? '' : ' where nothing is loaded'}`);
  }
}

/** Parses an address as strtoul(3) with base 0 does; an empty text is 0. */
function readAddress(written: string, value: string): bigint {
  const digits = value.trimStart().replace(/^\+/, '');
  const address = digits === '' ? 0n : parseDigits(digits);
  if (address === undefined) {
    const message = `${written} takes an address of 64 bits, such as 0x40000000; ${value} is none`;
    throw new Answer({ action: 'mistake', message });
  }
  return address;
}

/** As strtoul(3): digits after a 0 are octal. */
function parseDigits(digits: string): bigint | undefined {
  if (!/^0[0-9]/.test(digits)) return parseU64(digits);
  return /^[0-7]+$/.test(digits) ? parseU64(BigInt(`0o${digits}`).toString()) : undefined;
}

/** Repeated here, because their own module loads all of trust, and `--status` must be fast. */
const POLICIES: Readonly<Record<Policy, true>> = { enforce: true, permissive: true, 'as-kernel': true };

function readPolicy(written: string, value: string): Policy {
  if (Object.hasOwn(POLICIES, value)) return value as Policy;
  const message = `${written} takes one of ${Object.keys(POLICIES).join(', ')}`;
  throw new Answer({ action: 'mistake', message });
}
