import type { Compression } from '../../../formats/kdump/write.js';
import { FILTER_ALL } from '../../../vmcore/save/filter.js';
import { parseU64 } from '../../options/numbers.js';
import { type GivenOption, getoptLong } from '../getopt.js';
import { type MakedumpfileOption, OPTIONS, type OptionId } from './makedumpfile-options.js';
import { ALL_MESSAGES, DEFAULT_MESSAGES, MESSAGE_LEVELS, type MessageChoice } from './messages.js';

/** The request of a makedumpfile command line. */
export type MakedumpfileRequest =
  | { readonly action: 'help' | 'version' }
  /** Wrong usage, or an option that this program does not support. */
  | { readonly action: 'mistake'; readonly message: string; readonly choice: MessageChoice }
  /** `--check-params`: the command line is right. */
  | { readonly action: 'checked' }
  | SaveRequest
  | LogRequest
  | RearrangeRequest
  | ReassembleRequest
  | UsageRequest;

/** What every request has that reads a dump. */
interface DumpRequest {
  /** The dump that is read. */
  readonly vmcore: string;
  /** A file; `-` is standard output. */
  readonly output: string;
  readonly force: boolean;
  /** Files: the kernel that crashed, and the text of its VMCOREINFO. */
  readonly vmlinux: string | undefined;
  readonly vmcoreinfo: string | undefined;
  readonly choice: MessageChoice;
  /** A sentence for each option without effect. */
  readonly notes: readonly string[];
}

/** Saving a dump. */
export interface SaveRequest extends DumpRequest {
  readonly action: 'save';
  /** Whether nothing is written. */
  readonly isDryRun: boolean;
  /** Files for parts of the dump, instead of one; none without `--split`. */
  readonly parts: readonly string[];
  readonly format: 'kdump' | 'elf';
  readonly compression: Compression;
  /** Filters: the second is for the case that the first leaves too much for the disk, and so on. */
  readonly levels: readonly [number, ...number[]];
  /** Of the dump, in bytes. */
  readonly sizeLimit: bigint | undefined;
  /** How many threads pack pages at most, the main one included; undefined: as CPUs and memory allow. */
  readonly threads: number | undefined;
  /** A virtual address to translate. */
  readonly address: bigint | undefined;
}

/** Saving the kernel's log. */
export interface LogRequest extends DumpRequest {
  readonly action: 'log';
  /** Whether records are left out that dmesg --clear hid. */
  readonly isPartial: boolean;
}

/** Making a dump of a stream on standard input. */
export interface RearrangeRequest {
  readonly action: 'rearrange';
  readonly output: string;
  readonly force: boolean;
  readonly choice: MessageChoice;
  readonly notes: readonly string[];
}

/** Making one dump of the parts of a split one. */
export interface ReassembleRequest extends Omit<RearrangeRequest, 'action'> {
  readonly action: 'reassemble';
  readonly parts: readonly string[];
}

/** Counting the pages of the running kernel. */
export interface UsageRequest {
  readonly action: 'mem-usage';
  readonly vmcore: string;
  readonly choice: MessageChoice;
  readonly notes: readonly string[];
}

/** The name of a standard stream. */
export const DASH = '-';

/** What options with a value, or of which the last one counts, choose. */
interface Choices {
  readonly compression: Compression;
  readonly levels: readonly [number, ...number[]];
  readonly sizeLimit?: bigint;
  readonly threads?: number;
  readonly address?: bigint;
  readonly vmlinux?: string;
  readonly vmcoreinfo?: string;
  /** Kinds of messages: {@link MESSAGE_LEVELS}, added up. */
  readonly messages: number;
}

/** What has been read so far. */
interface State {
  readonly seen: Set<OptionId>;
  readonly notes: string[];
  choices: Choices;
}

/**
 * Reads the arguments by the rules of makedumpfile (`main()` and `check_param_for_creating_dumpfile()` of
 * makedumpfile.c), and more strictly where it takes a word for the number 0. Of options that exclude each other the last
 * one counts. A mistake and a refused option end the reading.
 */
export function readRequest(args: readonly string[], { posixlyCorrect = false } = {}): MakedumpfileRequest {
  const { options, operands, mistake } = getoptLong(args, OPTIONS, { posixlyCorrect });
  const choices: Choices = { compression: 'none', levels: [0], messages: DEFAULT_MESSAGES };
  const state: State = { seen: new Set(), notes: [], choices };
  for (const given of options) {
    const message = takeOption(state, given);
    if (message !== undefined) return { action: 'mistake', message, choice: chooseMessages(state) };
  }
  if (mistake !== undefined) return { action: 'mistake', message: mistake, choice: chooseMessages(state) };
  const asked = (['help', 'version'] as const).find((id) => state.seen.has(id));
  if (asked !== undefined) return { action: asked };
  const request = buildRequest(state, operands);
  const isChecked = request.action !== 'mistake' && state.seen.has('check-params');
  return isChecked ? { action: 'checked' } : request;
}

function chooseMessages({ seen, choices }: State): MessageChoice {
  // Standard output is for the dump.
  const isOnStandardError = seen.has('stream');
  if (seen.has('check-params')) return { level: DEFAULT_MESSAGES, isOnStandardError };
  const debug = seen.has('debug') ? MESSAGE_LEVELS.details : 0;
  const report = seen.has('show-stats') ? MESSAGE_LEVELS.report : 0;
  return { level: choices.messages | debug | report, isOnStandardError };
}

/** @returns what is wrong with the option; undefined if nothing is */
function takeOption(
  state: State,
  { option, written, value }: GivenOption<MakedumpfileOption>,
): string | undefined {
  if (option.id === 'refused') return `${written} is refused: ${option.help}`;
  if (option.id === 'idle') state.notes.push(`${written} has no effect: ${option.help}`);
  state.seen.add(option.id);
  const chosen = CHOICES[option.id]?.(value, written);
  if (typeof chosen === 'string') return chosen;
  state.choices = { ...state.choices, ...chosen };
  return undefined;
}

/** A number of threads that is plausible; far fewer are used. */
const MAX_THREADS = 4096;

/** Takes an option. @returns what it chooses, or what is wrong with it */
type Choose = (value: string, written: string) => Partial<Choices> | string;

const CHOICES: Readonly<Partial<Record<OptionId, Choose>>> = {
  zlib: () => ({ compression: 'zlib' }),
  lzo: () => ({ compression: 'lzo' }),
  snappy: () => ({ compression: 'snappy' }),
  zstd: () => ({ compression: 'zstd' }),
  levels(value, written) {
    const levels = value.split(',').map((text) => readSmall(text, FILTER_ALL));
    const [first, ...others] = levels.filter((level) => level !== undefined);
    return first === undefined || others.length + 1 < levels.length
      ? `${written} takes numbers from 0 to ${FILTER_ALL} with commas between them; ${value} is none`
      : { levels: [first, ...others] };
  },
  'size-limit'(value, written) {
    const sizeLimit = parseSize(value);
    return sizeLimit === undefined
      ? `${written} takes a number of bytes, or one with K, M, G, T, P or E; ${value} is none`
      : { sizeLimit };
  },
  threads(value, written) {
    const others = readSmall(value, MAX_THREADS);
    return others === undefined
      ? `${written} takes a number from 0 to ${MAX_THREADS}; ${value} is none`
      : { threads: others + 1 };
  },
  'message-level'(value, written) {
    const messages = readSmall(value, ALL_MESSAGES);
    return messages === undefined
      ? `${written} takes a number from 0 to ${ALL_MESSAGES}; ${value} is none`
      : { messages };
  },
  vtop(value, written) {
    const address = parseU64(value);
    return address === undefined
      ? `${written} takes an address such as 0xffff800080000000; ${value} is none`
      : { address };
  },
  vmlinux: (value) => ({ vmlinux: value }),
  vmcoreinfo: (value) => ({ vmcoreinfo: value }),
};

function readSmall(text: string, limit: number): number | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) <= limit ? Number(text) : undefined;
}

/** Parses a size as the kernel's memparse() does; 0 is none. */
function parseSize(text: string): bigint | undefined {
  const [, digits = '', unit = ''] = /^(0x[0-9a-f]+|\d+)([kmgtpe]?)$/i.exec(text) ?? [];
  const size = (parseU64(digits) ?? 0n) << BigInt(10 * ' kmgtpe'.indexOf(unit.toLowerCase() || ' '));
  return size > 0n ? size : undefined;
}

function buildRequest(state: State, operands: readonly string[]): MakedumpfileRequest {
  const { seen, notes, choices } = state;
  const choice = chooseMessages(state);
  const message = findContradiction(state) ?? findWrongOperands(seen, operands);
  if (message !== undefined) return { action: 'mistake', message, choice };
  const [first = '', output = DASH] = operands;
  const common = { force: seen.has('force'), choice, notes };
  if (seen.has('mem-usage')) return { action: 'mem-usage', vmcore: first, choice, notes };
  if (seen.has('rearrange')) return { action: 'rearrange', ...common, output: first };
  if (seen.has('reassemble'))
    return { action: 'reassemble', ...common, parts: operands.slice(0, -1), output: operands.at(-1) ?? '' };
  const { messages: _, vmlinux, vmcoreinfo, ...how } = choices;
  const dump = { ...common, vmcore: first, output, vmlinux, vmcoreinfo };
  if (seen.has('dump-dmesg')) return { action: 'log', ...dump, isPartial: seen.has('partial-dmesg') };
  if ((seen.has('stream') || seen.has('split')) && how.levels.length > 1)
    notes.push(
      `-d ${how.levels.slice(1).join(',')} has no effect: with -F and --split, the dump is saved once`,
    );
  const format = seen.has('elf') ? 'elf' : 'kdump';
  const { compression, levels, sizeLimit, threads, address } = how;
  const isDryRun = seen.has('dry-run');
  const parts = seen.has('split') ? operands.slice(1) : [];
  return {
    action: 'save',
    ...dump,
    isDryRun,
    parts,
    format,
    compression,
    levels,
    sizeLimit,
    threads,
    address,
  };
}

/** What has no effect on a dump that is put together, or contradicts it. */
const NOT_WITH_WHOLE_DUMPS = [
  'split',
  'stream',
  'elf',
  'dump-dmesg',
  'dry-run',
  'vmlinux',
  'vmcoreinfo',
  'levels',
  'size-limit',
  'vtop',
] as const;

const NOT_WITH_SPLIT: readonly { readonly id: OptionId; readonly flag: string }[] = [
  { id: 'stream', flag: '-F' },
  { id: 'elf', flag: '-E' },
  { id: 'size-limit', flag: '-L' },
  { id: 'dump-dmesg', flag: '--dump-dmesg' },
  { id: 'mem-usage', flag: '--mem-usage' },
];

/** Finds options that contradict each other. */
function findContradiction({ seen, choices }: State): string | undefined {
  if (seen.has('rearrange') || seen.has('reassemble')) {
    const isOther = choices.compression !== 'none' || NOT_WITH_WHOLE_DUMPS.some((id) => seen.has(id));
    const both = seen.has('rearrange') && seen.has('reassemble');
    return isOther || both
      ? '-R and --reassemble take a dump as it is: of the other options, only -f has an effect'
      : undefined;
  }
  if (seen.has('split')) {
    const other = NOT_WITH_SPLIT.find(({ id }) => seen.has(id));
    if (other !== undefined)
      return `--split writes files in the compressed format: give it without ${other.flag}`;
  }
  if (seen.has('mem-usage') && (seen.has('dump-dmesg') || seen.has('stream')))
    return '--mem-usage prints numbers, and saves nothing';
  if (seen.has('elf') && choices.compression !== 'none')
    return '-E has no compression: give it without -c, -l, -p and -z';
  if (seen.has('vmlinux') && seen.has('vmcoreinfo')) return 'give -x or -i, not both';
  if (seen.has('partial-dmesg') && !seen.has('dump-dmesg')) return '--partial-dmesg needs --dump-dmesg';
  if (seen.has('dry-run') && seen.has('dump-dmesg')) return 'give --dry-run or --dump-dmesg, not both';
  return undefined;
}

function listWanted(seen: ReadonlySet<OptionId>, output: string, readsOnly: boolean): readonly string[] {
  if (seen.has('rearrange')) return [output];
  if (seen.has('reassemble')) return ['DUMPFILE1', 'DUMPFILE2', output];
  if (seen.has('split')) return ['VMCORE', 'DUMPFILE1', 'DUMPFILE2'];
  return readsOnly ? ['VMCORE'] : ['VMCORE', output];
}

function findWrongOperands(seen: ReadonlySet<OptionId>, operands: readonly string[]): string | undefined {
  const output = seen.has('dump-dmesg') ? 'LOGFILE' : 'DUMPFILE';
  const readsOnly = seen.has('stream') || seen.has('mem-usage');
  const wanted = listWanted(seen, output, readsOnly);
  const missing = wanted.slice(operands.length);
  if (missing.length > 0) return `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
  if (operands.includes(DASH))
    return `${DASH} names no file; -F writes to standard output, and -R reads standard input`;
  if (seen.has('split') || seen.has('reassemble')) return undefined;
  const surplus = operands.slice(wanted.length).join(' ');
  return surplus === '' ? undefined : `after ${wanted.join(' ')}, there must be nothing; there is ${surplus}`;
}
