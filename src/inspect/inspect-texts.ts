import { decodeLatin1 } from '../base/bytes.js';
import { formatRange } from '../base/range.js';
import { findCrashKernelRanges, findResource, findSystemRam, parseIomem } from '../formats/iomem.js';
import { parseMemblock } from '../formats/memblock.js';
import { parseKernelConfig } from '../machine/kernel-config.js';
import { parseVmcoreinfo } from '../machine/vmcoreinfo-lines.js';
import type { Facts } from './facts.js';

/** Enough of a text to see of which kind it is. */
const HEAD_BYTES = 8192;

/** A log of a machine that ran long has some thousand lines; what is counted is bounded. */
const MAX_LOG_BYTES = 64 << 20;

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
  { kind: 'kernel log', matches: isLog, inspect: inspectLog },
];

/** Finds the kind of a text. @returns undefined for other files */
export function findTextKind(bytes: Uint8Array): TextKind | undefined {
  const head = decodeLatin1(bytes, 0, Math.min(bytes.length, HEAD_BYTES));
  return head.includes('\0') ? undefined : TEXT_KINDS.find(({ matches }) => matches(head));
}

/** Inspects a text of a known kind. @throws KexecError, as its parser. */
export function inspectText(bytes: Uint8Array, { inspect }: TextKind): Facts {
  return inspect(new TextDecoder().decode(bytes.subarray(0, MAX_LOG_BYTES)));
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
    set: text.match(/^CONFIG_\w+=/gm)?.length ?? 0,
    unset: text.match(/^# CONFIG_\w+ is not set$/gm)?.length ?? 0,
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
  const times = [...text.matchAll(/^(?:<\d+>)?\[ *(\d+\.\d{6})\]/gm)];
  const ends = [times[0]?.[1], times.at(-1)?.[1]].filter((time) => time !== undefined);
  return {
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    release: release ?? 'unknown',
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(ends.length < 2 ? {} : { seconds: ends.join(' to ') }),
    panics: text.match(/\bKernel panic - not syncing/g)?.length ?? 0,
    remark: 'kexec-file explain --log FILE finds what it says of kexec and kdump',
  };
}
