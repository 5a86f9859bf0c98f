/** `crashkernel=` on a command line, as `parse_crashkernel()` of the running kernel's release parses it. */
import { alignUp } from '../../base/u64.js';
import type { CrashkernelRules, CrashkernelSuffix } from '../../machine/crashkernel-rules.js';
import { SizeCursor } from './size-cursor.js';

/** What a kernel is asked to reserve. Sizes and addresses are in bytes. */
export interface CrashkernelRequest {
  readonly kind: 'request';
  /** The parameters that count, as they are written. */
  readonly text: string;
  readonly size: bigint;
  /** The address that `@` asks for. */
  readonly base?: bigint;
  /** Whether the region should lie above the low memory: `,high`. */
  readonly isHigh: boolean;
  /** What to reserve in low memory beside it; only with `,high`. */
  readonly lowSize?: bigint;
  /** The `SIZE,cma` that counts, if the kernel reserves for it. */
  readonly cma?: string;
  /** Further `crashkernel=` parameters, which have no effect. */
  readonly ignored: readonly string[];
}

/** Why the kernel reserves nothing for a command line, before it looks for memory. */
export interface CrashkernelFault {
  readonly kind: 'fault';
  readonly text: string;
  readonly cause: 'malformed' | 'no-range' | 'zero' | 'too-large' | 'no-high' | 'suffix-alone';
  /** The kernel's message, if it prints one. */
  readonly message?: string;
}

const NAME = 'crashkernel=';

const MAX_LISTED = 4;

/**
 * Parses the `crashkernel=` parameters of a command line.
 *
 * The last one without a known suffix counts; only without such a one does the last `,high` count, with the last
 * `,low`. The last `,cma` counts beside either. The kernel searches the text of the line, so quotes and `--` mean
 * nothing to it.
 *
 * @param ram - all of the RAM, in bytes
 * @returns undefined if the line has no `crashkernel=`
 */
export function parseCrashkernel(
  commandLine: string,
  ram: bigint,
  rules: CrashkernelRules,
): CrashkernelRequest | CrashkernelFault | undefined {
  const parameters = findParameters(commandLine);
  if (parameters.length === 0) return undefined;
  const plain = parameters.findLast(({ text }) => !rules.suffixes.some((suffix) => text.endsWith(suffix)));
  if (plain === undefined) return parseSuffixed(parameters, ram, rules);
  const parsed = parseValue(plain.rest, ram, rules);
  const fault = typeof parsed === 'object' ? findFault(parsed.size, ram) : undefined;
  if (typeof parsed === 'string') return buildFault(plain.text, 'malformed', parsed);
  if (parsed.isUnmatched)
    return buildFault(plain.text, 'no-range', 'crashkernel size resulted in zero bytes');
  if (fault !== undefined) return buildFault(plain.text, fault);
  return {
    kind: 'request',
    text: plain.text,
    size: parsed.size,
    ...(parsed.base === 0n ? {} : { base: parsed.base }),
    isHigh: false,
    ...describeRest(parameters, [plain], rules),
  };
}

interface Parameter {
  /** Up to the next space. */
  readonly text: string;
  /** The command line from behind the `=` to its end. */
  readonly rest: string;
}

/** `get_last_crashkernel()` finds the name anywhere, and only a space ends a parameter. */
function findParameters(commandLine: string): Parameter[] {
  const parameters: Parameter[] = [];
  for (let at = commandLine.indexOf(NAME); at >= 0; at = commandLine.indexOf(NAME, at + 1)) {
    const end = commandLine.indexOf(' ', at);
    parameters.push({
      text: commandLine.slice(at, end < 0 ? undefined : end),
      rest: commandLine.slice(at + NAME.length),
    });
  }
  return parameters;
}

/** Parameters for people: of hundreds, the first few say enough. */
export function listParameters(texts: readonly string[]): string {
  const more = texts.length > MAX_LISTED ? ` and ${texts.length - MAX_LISTED} more` : '';
  return texts.slice(0, MAX_LISTED).join(' ') + more;
}

/** The last `SIZE,cma`, and what has no effect. @param used - the parameters of the regions */
function describeRest(
  parameters: readonly Parameter[],
  used: readonly (Parameter | undefined)[],
  { reservesCma }: CrashkernelRules,
): Pick<CrashkernelRequest, 'cma' | 'ignored'> {
  const cma = reservesCma ? parameters.findLast(({ text }) => text.endsWith(',cma')) : undefined;
  const ignored = parameters.filter((parameter) => parameter !== cma && !used.includes(parameter));
  return { ...(cma === undefined ? {} : { cma: cma.text }), ignored: ignored.map(({ text }) => text) };
}

function buildFault(text: string, cause: CrashkernelFault['cause'], message?: string): CrashkernelFault {
  return { kind: 'fault', text, cause, ...(message === undefined ? {} : { message }) };
}

function findFault(size: bigint, ram: bigint): 'zero' | 'too-large' | undefined {
  if (size === 0n) return 'zero';
  return size >= ram ? 'too-large' : undefined;
}

/** `SIZE,high` with or without `SIZE,low`. */
function parseSuffixed(
  parameters: readonly Parameter[],
  ram: bigint,
  rules: CrashkernelRules,
): CrashkernelRequest | CrashkernelFault {
  const all = listParameters(parameters.map(({ text }) => text));
  if (!rules.hasHigh) return buildFault(all, 'no-high');
  const high = parameters.findLast(({ text }) => text.endsWith(',high'));
  const low = parameters.findLast(({ text }) => text.endsWith(',low'));
  if (high === undefined) return buildFault(all, 'suffix-alone');
  const size = parseSuffix(high.rest, ',high');
  if (typeof size === 'string') return buildFault(high.text, 'malformed', size);
  const fault = findFault(size, ram);
  if (fault !== undefined) return buildFault(high.text, fault);
  const lowSize = low === undefined ? rules.defaultLowSize : parseSuffix(low.rest, ',low');
  if (typeof lowSize === 'string') return buildFault(low?.text ?? all, 'malformed', lowSize);
  return {
    kind: 'request',
    text: low === undefined ? high.text : `${high.text} ${low.text}`,
    size,
    isHigh: true,
    lowSize,
    ...describeRest(parameters, [high, low], rules),
  };
}

/** A size and an address; `isUnmatched` if no range has the RAM. A text is the message of a refusal. */
type Parsed = { readonly size: bigint; readonly base: bigint; readonly isUnmatched: boolean } | string;

/** A colon before the first space makes it the extended syntax: `__parse_crashkernel()`. */
function parseValue(rest: string, ram: bigint, rules: CrashkernelRules): Parsed {
  const [word = ''] = rest.split(' ', 1);
  return word.includes(':') ? parseRanges(rest, alignUp(ram, rules.ramStep)) : parseSimple(rest);
}

/** `SIZE[@ADDRESS]`: `parse_crashkernel_simple()`. */
function parseSimple(rest: string): Parsed {
  const cursor = new SizeCursor(rest);
  const size = cursor.readSize();
  if (size === undefined) return 'crashkernel: memory value expected';
  if (cursor.take('@')) return { size, base: cursor.readSize() ?? 0n, isUnmatched: false };
  if (cursor.isAtEnd()) return { size, base: 0n, isUnmatched: false };
  return `crashkernel: unrecognized char: ${cursor.peek()}`;
}

/** `SIZE,high`, `SIZE,low`: `parse_crashkernel_suffix()`. */
function parseSuffix(rest: string, suffix: CrashkernelSuffix): bigint | string {
  const cursor = new SizeCursor(rest);
  const size = cursor.readSize();
  if (size === undefined) return 'crashkernel: memory value expected';
  if (cursor.take(suffix) && cursor.isAtEnd()) return size;
  return `crashkernel: unrecognized char: ${cursor.peek()}`;
}

/**
 * `START-[END]:SIZE[,…][@ADDRESS]`: `parse_crashkernel_mem()`. What follows the first range that has the RAM is not
 * parsed, but for the address.
 */
function parseRanges(rest: string, ram: bigint): Parsed {
  const cursor = new SizeCursor(rest);
  let size = 0n;
  let isMatched = false;
  do {
    const range = parseRange(cursor, ram);
    if (typeof range === 'string') return range;
    isMatched = range.start <= ram && (range.end === undefined || ram < range.end);
    if (isMatched) size = range.size;
  } while (!isMatched && cursor.take(','));
  if (size === 0n) return { size, base: 0n, isUnmatched: !isMatched };
  if (!cursor.skipTo('@')) return { size, base: 0n, isUnmatched: false };
  const base = cursor.readSize();
  return base === undefined
    ? "crashkernel: Memory value expected after '@'"
    : { size, base, isUnmatched: false };
}

function parseRange(
  cursor: SizeCursor,
  ram: bigint,
): { start: bigint; end: bigint | undefined; size: bigint } | string {
  const expected = 'crashkernel: Memory value expected';
  const start = cursor.readSize();
  if (start === undefined) return expected;
  if (!cursor.take('-')) return "crashkernel: '-' expected";
  const isOpen = cursor.peek() === ':';
  const end = isOpen ? undefined : cursor.readSize();
  if (!isOpen && end === undefined) return expected;
  if (end !== undefined && end <= start) return 'crashkernel: end <= start';
  if (!cursor.take(':')) return "crashkernel: ':' expected";
  const size = cursor.readSize();
  if (size === undefined) return expected;
  return size >= ram ? 'crashkernel: invalid size' : { start, end, size };
}
