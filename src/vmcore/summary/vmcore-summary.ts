import { attempt, KexecError } from '../../base/error.js';
import { escapeText } from '../log/dmesg.js';
import type { DumpedRange } from '../open/dump-memory.js';
import type { Vmcore } from '../open/open-vmcore.js';
import { type CpuState, readCpuStates } from './cpu-states.js';
import { readUts, type Uts } from './uts.js';

/** A dump at a glance. Unknown facts are left out. */
export interface VmcoreSummary {
  readonly format: Vmcore['format'];
  readonly isFlattened: boolean;
  /** `uname -r` of the crashed kernel. */
  readonly release?: string;
  readonly buildId?: string;
  /** As uname(2) returned it. */
  readonly uts?: Uts;
  /** CRASHTIME: seconds since 1970. */
  readonly crashTime?: number;
  /** The time of the log's last record: seconds of the kernel's clock. */
  readonly uptime?: number;
  /** The line of the log that says why the kernel panicked. */
  readonly panic?: string;
  /** The line after it that says where: CPU, process, kernel. */
  readonly context?: string;
  readonly cpus: readonly CpuState[];
  /** The `index` of the CPU that panicked. */
  readonly panicked?: number;
  readonly memory: readonly DumpedRange[];
  readonly vmcoreinfo: Readonly<Record<string, string>>;
  /** What is missing or damaged. */
  readonly problems: readonly string[];
  /** What is unusual about the file, but loses nothing. */
  readonly remarks: readonly string[];
}

/** Summarises a dump. What cannot be read is among the problems. */
export function summarizeVmcore(vmcore: Vmcore): VmcoreSummary {
  const { format, architecture, isFlattened, notes, memory, vmcoreinfo } = vmcore;
  const problems = new Set(vmcore.problems);
  const onProblem = (problem: string): void => {
    problems.add(problem);
  };
  const { lines } = vmcoreinfo;
  if (lines.OSRELEASE === undefined) onProblem('there is no VMCOREINFO');
  const crashTime = Number(lines.CRASHTIME);
  const end = readOrReport(() => readEndOfLog(vmcore, onProblem), onProblem);
  const cpus = readCpuStates(notes, architecture.registers, onProblem);
  if (cpus.length === 0) onProblem('no CPU left its registers');
  return {
    format,
    isFlattened,
    ...(lines.OSRELEASE === undefined ? {} : { release: lines.OSRELEASE }),
    ...(lines['BUILD-ID'] === undefined ? {} : { buildId: lines['BUILD-ID'] }),
    ...readOrReport(() => ({ uts: readUts(vmcore) }), onProblem),
    ...(Number.isSafeInteger(crashTime) ? { crashTime } : {}),
    ...end,
    cpus,
    ...findPanickedCpu(end, cpus),
    memory: [],
    ...readOrReport(() => ({ memory: memory.ranges() }), onProblem),
    vmcoreinfo: lines,
    problems: [...problems],
    remarks: vmcore.remarks,
  };
}

/** Reads facts; none, and a problem more, if they cannot be read. */
function readOrReport<Facts extends object>(
  read: () => Facts,
  onProblem: (problem: string) => void,
): Partial<Facts> {
  const facts = attempt(read);
  if (!(facts instanceof KexecError)) return facts;
  onProblem(facts.seen);
  return {};
}

type EndOfLog = Pick<VmcoreSummary, 'uptime' | 'panic' | 'context'>;

/** Finds what the log says about the end of the kernel. */
function readEndOfLog(vmcore: Vmcore, onProblem: (problem: string) => void): EndOfLog {
  let end: EndOfLog = {};
  for (const { time, text, isWrapMark } of vmcore.log(onProblem)) {
    if (isWrapMark === true) continue;
    const line = escapeText(text);
    const uptime = Number(time) / 1e9;
    if (line.startsWith('Kernel panic - not syncing')) end = { uptime, panic: line };
    else if (end.panic !== undefined && end.context === undefined && line.startsWith('CPU: '))
      end = { ...end, uptime, context: line };
    else end = { ...end, uptime };
  }
  return end;
}

/**
 * Finds the CPU that the log names. A CPU without a note shifts the indexes of those behind it, so the process has to
 * match, too.
 */
function findPanickedCpu({ context }: EndOfLog, cpus: readonly CpuState[]): Pick<VmcoreSummary, 'panicked'> {
  const [, number, process] = /^CPU: (\d+) (?:UID: \d+ )?PID: (\d+) /.exec(context ?? '') ?? [];
  const candidates = cpus.filter(({ pid }) => pid === Number(process));
  const found =
    candidates.find(({ index }) => index === Number(number)) ??
    (candidates.length === 1 ? candidates[0] : undefined);
  return found === undefined ? {} : { panicked: found.index };
}
