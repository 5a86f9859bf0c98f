import { decodeLatin1 } from '../base/bytes.js';
import { formatRange } from '../base/range.js';
import { findCrashKernelRanges, findResource, findSystemRam, parseIomem } from '../formats/iomem.js';
import { parseMemblock } from '../formats/memblock.js';
import { parseKernelConfig } from '../machine/kernel-config.js';
import { parseVmcoreinfo } from '../machine/vmcoreinfo-lines.js';
import type { Facts } from './facts.js';

/** Enough of a text to see of which kind it is. */
const HEAD_BYTES = 8192;

/** A log of a machine that ran long has some MB. Of a longer one, the start is inspected. */
const MAX_LOG_BYTES = 64 << 20;

/** Other texts have at most half a MB; a larger file is none of them. */
const MAX_TEXT_BYTES = 4 << 20;

const LOG = 'kernel log';

/** A kind of text that a command takes. */
export interface TextKind {
  readonly kind: string;
  /** Whether a text is of this kind. @param head - its first 8 KiB */
  readonly matches: (head: string) => boolean;
  readonly inspect: (text: string) => Facts;
}

/** The stamp of a record: of dmesg, of the console, or of a journal's messages of the kernel. */
const LOG_LINE =
  /^(?:<\d+>)?\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? \S|^\w{3} +\d+ [\d:]{8} \S+ kernel: |^\[\w{3} \w{3} +\d+ [\d:]{8} \d{4}\] \S/;

/** Texts of a machine. The first that matches counts. */
const TEXT_KINDS: readonly TextKind[] = [
  {
    kind: 'iomem',
    matches: (head) => /^[0-9a-f]{8,16}-[0-9a-f]{8,16} : \S/.test(head),
    inspect: inspectIomem,
  },
  {
    kind: 'memblock list',
    matches: (head) => /^\s*0: 0x[0-9a-f]+\.\.0x[0-9a-f]+/i.test(head),
    inspect: inspectMemblock,
  },
  {
    kind: 'VMCOREINFO',
    matches: (head) => /^(?:OSRELEASE|BUILD-ID)=/m.test(head) && /^PAGESIZE=\d/m.test(head),
    inspect: inspectVmcoreinfo,
  },
  { kind: 'kernel configuration', matches: isConfig, inspect: inspectConfig },
  { kind: LOG, matches: isLog, inspect: inspectLog },
];

/** Finds the kind of a text. @returns undefined for other files */
export function findTextKind(bytes: Uint8Array): TextKind | undefined {
  const head = decodeLatin1(bytes, 0, Math.min(bytes.length, HEAD_BYTES));
  if (head.includes('\0')) return undefined;
  const found = TEXT_KINDS.find(({ matches }) => matches(head));
  return found?.kind === LOG || bytes.length <= MAX_TEXT_BYTES ? found : undefined;
}

/** Inspects a text of a known kind. @throws KexecError, as its parser. */
export function inspectText(bytes: Uint8Array, { inspect }: TextKind): Facts {
  const facts = inspect(new TextDecoder().decode(bytes.subarray(0, MAX_LOG_BYTES)));
  return bytes.length > MAX_LOG_BYTES ? { inspected: 'the first 64 MiB', ...facts } : facts;
}

function inspectIomem(text: string): Facts {
  const resources = parseIomem(text);
  const kernel = findResource(resources, 'Kernel code');
  return {
    ranges: resources.length,
    ram: findSystemRam(resources).map(formatRange),
    crashRegion: findCrashKernelRanges(resources).map(formatRange),
    ...(kernel === undefined ? {} : { kernelCode: formatRange(kernel) }),
  };
}

function inspectMemblock(text: string): Facts {
  return {
    regions: parseMemblock(text).map(({ range, flags }) => [formatRange(range), ...flags].join(' ')),
  };
}

function inspectVmcoreinfo(text: string): Facts {
  const lines = parseVmcoreinfo(text);
  return {
    release: lines.OSRELEASE ?? 'unknown',
    lines: Object.keys(lines).length,
    remark: 'vmcore commands take it with --vmcoreinfo',
  };
}

function isConfig(head: string): boolean {
  const options = head.match(/^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/gm) ?? [];
  return options.length >= 3 || (options.length > 0 && /^# .* Kernel Configuration$/m.test(head));
}

function inspectConfig(text: string): Facts {
  const known = Object.entries(parseKernelConfig(text)).map(([name, value]) => `CONFIG_${name}=${value}`);
  const [, of = 'unknown'] = /^# (.*) Kernel Configuration$/m.exec(text) ?? [];
  return {
    kernel: of,
    set: countMatches(text, /^CONFIG_\w+=/gm),
    unset: countMatches(text, /^# CONFIG_\w+ is not set$/gm),
    decides: known,
  };
}

function isLog(head: string): boolean {
  const lines = head.split('\n', 32);
  return lines.filter((line) => LOG_LINE.test(line)).length * 2 >= Math.max(1, lines.length - 1);
}

function inspectLog(text: string): Facts {
  const [, release] = /\bLinux version (\S+)/.exec(text) ?? [];
  const [, commandLine] = /\bKernel command line: (.*)/.exec(text) ?? [];
  const { first, last } = findTimes(text);
  return {
    lines: countMatches(text, /\n/g) + (text.endsWith('\n') ? 0 : 1),
    release: release ?? 'unknown',
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(first === undefined ? {} : { seconds: `${first} to ${last}` }),
    panics: countMatches(text, /\bKernel panic - not syncing/g),
    remark: 'kexec-file explain --log FILE finds what it says of kexec and kdump',
  };
}

/** The times of the first and the last record, in seconds since the boot. */
function findTimes(text: string): { readonly first?: string; readonly last?: string } {
  let first: string | undefined;
  let last: string | undefined;
  for (const [, time = ''] of text.matchAll(/^(?:<\d+>)?\[ *(\d+\.\d{6})\]/gm)) {
    first ??= time;
    last = time;
  }
  return first === undefined || last === undefined ? {} : { first, last };
}

/** Counts without keeping: a text may have millions of matches. */
function countMatches(text: string, pattern: RegExp): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) count += 1;
  return count;
}
