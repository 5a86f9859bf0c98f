import type { KimageType } from '../../../kexec/kimage.js';
import type { SerialPort } from '../../../machine/console.js';
import type { Machine } from '../../../machine/machine-value.js';
import type { LiveLoad } from '../../../node/live/load-request.js';
import type { Policy } from '../../../trust/policy.js';
import { parseU64 } from '../../options/numbers.js';
import { type GivenOption, getoptLong } from '../getopt.js';
import type { KexecOption, OptionId } from './kexec-option.js';
import { listOptions } from './kexec-options.js';
import { FIRST_PORT, parseSerialPort } from './purgatory-port.js';

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
  /** `false` if no segment may lie in the CMA area. */
  readonly cma?: boolean;
  /** `false` if nothing of UEFI is handed over. */
  readonly efi?: boolean;
  /** The port that purgatory prints to. */
  readonly serial?: SerialPort;
  /** Whether the kernel has to keep a loaded crash kernel up to date. */
  readonly hotplug?: boolean;
  readonly policy?: Policy;
  readonly certs: readonly string[];
  readonly keyrings: readonly string[];
  readonly dbx: readonly string[];
}

/** What decides how a command line is read. */
export interface RequestHost {
  readonly architecture: Machine['architecture'];
  /** Whether POSIXLY_CORRECT is set: options end at the first operand. */
  readonly posixlyCorrect: boolean;
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
 *
 * @param host - the machine's architecture decides which options there are
 */
export function readRequest(
  args: readonly string[],
  { architecture, posixlyCorrect }: RequestHost,
): KexecRequest {
  const { options, operands, mistake } = getoptLong(args, listOptions(architecture), { posixlyCorrect });
  const state = initialState();
  try {
    for (const given of options) takeOption(state, given);
  } catch (error) {
    if (!(error instanceof Answer)) throw error;
    return error.request;
  }
  return mistake === undefined ? buildRequest(state, operands) : { action: 'mistake', message: mistake };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What has been read so far. */
interface State extends Omit<Writable<RunRequest>, 'action' | 'how' | 'notes'> {
  isStatus: boolean;
  /** Whether `-l` or `--load` was given, which selects the kernel that `--status` reports. */
  hasLoad: boolean;
  /** The options about a load, as they were written. */
  readonly loadOptions: Set<string>;
  readonly how: Writable<LoadWishes>;
}

function initialState(): State {
  return {
    isStatus: false,
    hasLoad: false,
    loadOptions: new Set(),
    type: 'default',
    syscall: 'auto',
    unload: false,
    load: true,
    start: 'shutdown',
    sync: true,
    interfacesDown: true,
    debug: false,
    how: { reuseCommandLine: false, certs: [], keyrings: [], dbx: [] },
  };
}

function takeOption(state: State, { option, written, value }: GivenOption<KexecOption>): void {
  if (option.isForLoads) state.loadOptions.add(written);
  if (option.id === 'refused') {
    throw new Answer({ action: 'refuse', message: `${written} is refused: ${option.help}` });
  }
  EFFECTS[option.id](state, value, written);
}

type Effect = (state: State, value: string, written: string) => void;

/** What each option does. */
const EFFECTS: Readonly<Record<Exclude<OptionId, 'refused'>, Effect>> = {
  help: answer('help'),
  version: answer('version'),
  'print-crash-size': answer('print-crash-size'),

  load: (state) => Object.assign(state, { hasLoad: true, load: true, start: 'no' }),
  'load-panic': (state) => Object.assign(state, { type: 'crash', load: true, start: 'no' }),
  unload: (state) =>
    Object.assign(state, { unload: true, load: false, start: state.start === 'exec' ? 'exec' : 'no' }),
  exec: (state) => Object.assign(state, { load: false, start: 'exec' }),
  force: (state) => Object.assign(state, { load: true, start: 'exec' }),
  status: set('isStatus', true),

  'file-syscall': set('syscall', 'file'),
  'segments-syscall': set('syscall', 'segments'),
  'auto-syscall': set('syscall', 'auto'),
  'no-ifdown': set('interfacesDown', false),
  'no-sync': set('sync', false),
  debug: set('debug', true),

  append: wish((value) => ({ append: value })),
  'reuse-cmdline': wish(() => ({ reuseCommandLine: true })),
  initrd: wish((value) => ({ initrd: value })),
  dtb: wish((value) => ({ dtb: value })),
  type: wish((value) => ({ kind: value })),
  'mem-min': wish((value, written) => ({ memMin: readAddress(written, value) })),
  'mem-max': wish((value, written) => ({ memMax: readAddress(written, value) })),
  entry: wish((value, written) => ({ entry: readAddress(written, value) })),
  'no-checks': wish(() => ({ checks: false })),
  'no-cma': wish(() => ({ cma: false })),
  noefi: wish(() => ({ efi: false })),
  serial: wish((value, written) => ({ serial: readPort(written, value) })),
  'console-serial': wish((_, __, { serial = FIRST_PORT }) => ({ serial })),
  hotplug: wish(() => ({ hotplug: true })),
  'always-done': wish(() => ({})),
  policy: wish((value, written) => ({ policy: readPolicy(written, value) })),
  cert: wish((value, _, { certs }) => ({ certs: [...certs, value] })),
  keyring: wish((value, _, { keyrings }) => ({ keyrings: [...keyrings, value] })),
  dbx: wish((value, _, { dbx }) => ({ dbx: [...dbx, value] })),
};

function answer(action: 'help' | 'version' | 'print-crash-size'): Effect {
  return () => {
    throw new Answer({ action });
  };
}

function set<Key extends keyof State>(key: Key, value: State[Key]): Effect {
  return (state) => {
    state[key] = value;
  };
}

/** An option about the load. */
function wish(read: (value: string, written: string, how: LoadWishes) => Partial<LoadWishes>): Effect {
  return ({ how }, value, written) => Object.assign(how, read(value, written, how));
}

function buildRequest(state: State, operands: readonly string[]): KexecRequest {
  const { isStatus, hasLoad, loadOptions, how, ...run } = state;
  if (isStatus) return { action: 'status', type: hasLoad ? run.type : 'crash' };
  if (how.checks === false && how.serial !== undefined) {
    return {
      action: 'refuse',
      message:
        '--serial and --console-serial are refused with --no-checks: purgatory has nothing to print then',
    };
  }
  const [kernel, ...surplus] = operands;
  const idle = run.load ? surplus : [...operands, ...loadOptions];
  const notes = idle.map((what) => `${what} has no effect${run.load ? '' : ' without a load'}`);
  // The kernel keeps no other kernel up to date.
  const keepsUp = how.hotplug === undefined || run.type === 'crash';
  if (run.load && !keepsUp) notes.push('--hotplug has no effect without -p');
  return {
    action: 'run',
    ...run,
    how: {
      ...how,
      ...(run.load && kernel !== undefined ? { kernel } : {}),
      ...(keepsUp ? {} : { hotplug: false }),
    },
    notes,
  };
}

function readPort(written: string, value: string): SerialPort {
  const port = parseSerialPort(value);
  if (port !== undefined) return port;
  const message = `${written} takes ttyS0, ttyS1 or a port such as 0x3f8; ${value} is none`;
  throw new Answer({ action: 'mistake', message });
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
