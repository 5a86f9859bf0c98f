import { decodeLatin1 } from '../../base/bytes.js';
import { KexecError } from '../../base/error.js';
import { escapeText } from '../log/dmesg.js';
import { readLog } from '../log/read-log.js';
import type { DumpedRange } from '../open/dump-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { type CpuState, readCpuStates } from './cpu-states.js';

/** struct new_utsname: six texts of so many bytes. */
const UTS_FIELD = 65;
const UTS_NAMES = ['sysname', 'nodename', 'release', 'version', 'machine', 'domainname'] as const;

/** What a crash left, told at a glance. What is not known is left out. */
export interface VmcoreSummary {
  readonly format: Vmcore['format'];
  readonly isFlattened: boolean;
  /** `uname -r` of the kernel that crashed. */
  readonly release?: string;
  readonly buildId?: string;
  /** As uname(2) gives it. */
  readonly uts?: Readonly<Record<(typeof UTS_NAMES)[number], string>>;
  /** CRASHTIME: seconds since 1970. */
  readonly crashTime?: number;
  /** The time of the log's last record: seconds of the kernel's clock. */
  readonly uptime?: number;
  /** The line that tells why the kernel panicked. */
  readonly panic?: string;
  /** The line behind it that tells where: CPU, process, kernel. */
  readonly context?: string;
  readonly cpus: readonly CpuState[];
  /** Which of them panicked, by its `index`. */
  readonly panicked?: number;
  readonly memory: readonly DumpedRange[];
  readonly vmcoreinfo: Readonly<Record<string, string>>;
  /** What is missing or damaged. */
  readonly problems: readonly string[];
}

/** Reads what {@link VmcoreSummary} tells. What cannot be read is among the problems. */
export function summarizeVmcore(vmcore: Vmcore): VmcoreSummary {
  const { format, isFlattened, notes, memory, vmcoreinfo } = vmcore;
  const problems = [...vmcore.problems];
  const problem = (what: string): void => {
    if (!problems.includes(what)) problems.push(what);
  };
  const { lines } = vmcoreinfo;
  if (lines.OSRELEASE === undefined) problem('there is no VMCOREINFO');
  const crashTime = Number(lines.CRASHTIME);
  const story = attempt(() => readStory(vmcore, problem), problem);
  const cpus = readCpuStates(notes, problem);
  if (cpus.length === 0) problem('no CPU left its registers');
  return {
    format,
    isFlattened,
    ...(lines.OSRELEASE === undefined ? {} : { release: lines.OSRELEASE }),
    ...(lines['BUILD-ID'] === undefined ? {} : { buildId: lines['BUILD-ID'] }),
    ...attempt(() => ({ uts: readUts(vmcore) }), problem),
    ...(Number.isSafeInteger(crashTime) ? { crashTime } : {}),
    ...story,
    cpus,
    ...panickedCpu(story, cpus),
    memory: memory.ranges(),
    vmcoreinfo: lines,
    problems,
  };
}

function attempt<T extends object>(read: () => T, problem: (what: string) => void): Partial<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    problem(error.seen);
    return {};
  }
}

/** uname(2) of the kernel that crashed. @throws KexecError, if memory or VMCOREINFO do not tell it. */
export function readUts({ virtual, vmcoreinfo }: Vmcore): NonNullable<VmcoreSummary['uts']> {
  const at =
    vmcoreinfo.needSymbol('init_uts_ns') + BigInt(vmcoreinfo.needSmall('OFFSET(uts_namespace.name)'));
  const bytes = virtual.read(at, UTS_NAMES.length * UTS_FIELD);
  const field = (index: number): string => {
    const text = decodeLatin1(bytes.subarray(index * UTS_FIELD, (index + 1) * UTS_FIELD));
    return text.slice(0, text.indexOf('\0') < 0 ? undefined : text.indexOf('\0'));
  };
  return Object.fromEntries(UTS_NAMES.map((name, index) => [name, field(index)])) as NonNullable<
    VmcoreSummary['uts']
  >;
}

/** CPUs without notes are not counted: the process tells which note is that of the CPU in the log. */
function panickedCpu({ context }: Story, cpus: readonly CpuState[]): Pick<VmcoreSummary, 'panicked'> {
  const [, number, process] = /^CPU: (\d+) (?:UID: \d+ )?PID: (\d+) /.exec(context ?? '') ?? [];
  const same = cpus.filter(({ pid }) => pid === Number(process));
  const found =
    same.find(({ index }) => index === Number(number)) ?? (same.length === 1 ? same[0] : undefined);
  return found === undefined ? {} : { panicked: found.index };
}

type Story = Pick<VmcoreSummary, 'uptime' | 'panic' | 'context'>;

/** What the log tells of the end. */
function readStory(vmcore: Vmcore, problem: (what: string) => void): Story {
  let story: Story = {};
  for (const { time, text, isWrapMark } of readLog(vmcore)(problem)) {
    if (isWrapMark === true) continue;
    const line = escapeText(text);
    story = { ...story, uptime: Number(time) / 1e9 };
    if (line.startsWith('Kernel panic - not syncing')) story = { uptime: story.uptime ?? 0, panic: line };
    else if (story.panic !== undefined && story.context === undefined && line.startsWith('CPU: '))
      story = { ...story, context: line };
  }
  return story;
}
