import { formatRange, size } from '../base/range.js';
import { hex } from '../base/u64.js';
import { escaped } from '../vmcore/log/dmesg.js';
import type { LogRecord } from '../vmcore/log/log-record.js';
import type { VmcoreInfo } from '../vmcore/story/info.js';
import type { CpuState } from '../vmcore/story/registers.js';
import { formatFacts } from './facts-text.js';
import { formatSize } from './sizes.js';

/** What `vmcore info --json` prints. Addresses and registers are "0x…", times are seconds. */
export function vmcoreInfoJson({ cpus, memory, ...info }: VmcoreInfo): object {
  return {
    ...info,
    cpus: cpus.map((cpu) => ({ index: cpu.index, pid: cpu.pid, ...registersJson(cpu) })),
    memory: memory.map(({ start, end, present }) => ({
      start: hex(start),
      end: hex(end),
      present: hex(present),
    })),
  };
}

function registersJson({ x, sp, pc, pstate }: CpuState): Record<string, string> {
  const general = x.map((value, number) => [`x${number}`, hex(value)]);
  return { ...Object.fromEntries(general), sp: hex(sp), pc: hex(pc), pstate: hex(pstate) };
}

/** What `vmcore info` prints: all that {@link VmcoreInfo} has, but of VMCOREINFO what tells of addresses. */
export function vmcoreInfoText(info: VmcoreInfo): string {
  const { format, isFlattened, release, buildId, uts, crashTime, uptime, panic, context } = info;
  const unknown = 'unknown';
  return formatFacts({
    format: isFlattened ? `${format}, flattened` : format,
    release: release ?? unknown,
    version: uts?.version ?? unknown,
    host: uts?.nodename ?? unknown,
    buildId: buildId ?? unknown,
    crashTime: crashTime === undefined ? unknown : timeText(crashTime),
    uptime: uptime === undefined ? unknown : `${uptime.toFixed(6)} s`,
    panic: panic ?? 'none in the log',
    context: context ?? unknown,
    cpus: info.cpus.map((cpu) => cpuText(cpu) + (cpu.index === info.panicked ? ', panicked' : '')),
    memory: info.memory.map((range) => {
      const whole = size(range);
      const present = range.present === whole ? 'whole' : `${formatSize(range.present)} of it`;
      return `${formatRange(range)}  ${formatSize(whole)}, ${present}`;
    }),
    addresses: addressFacts(info.vmcoreinfo),
    problems: info.problems,
  });
}

/** Seconds that a date can tell; others are told as they are. */
function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('.000Z', 'Z');
}

function cpuText({ index, pid, x, sp, pc, pstate }: CpuState): string {
  const registers = { pc, lr: x[30] ?? 0n, sp, pstate };
  const texts = Object.entries(registers).map(([name, value]) => `${name} ${hex(value)}`);
  return `${index}: pid ${pid}, ${texts.join(', ')}`;
}

const ADDRESS_LINES = [
  'PAGESIZE',
  'NUMBER(VA_BITS)',
  'NUMBER(TCR_EL1_T1SZ)',
  'NUMBER(PHYS_OFFSET)',
  'NUMBER(kimage_voffset)',
  'KERNELOFFSET',
  'NUMBER(KERNELPACMASK)',
  'SYMBOL(swapper_pg_dir)',
];

function addressFacts(lines: VmcoreInfo['vmcoreinfo']): Record<string, string> {
  return Object.fromEntries(
    ADDRESS_LINES.flatMap((name) => (lines[name] === undefined ? [] : [[name, lines[name]]])),
  );
}

/**
 * A record of the log for JSON. The text is as `vmcore dmesg` writes it; seconds have nine places, as a text, so that
 * none is lost.
 */
export function logRecordJson({ sequence, time, text, isWrapMark: _, ...rest }: LogRecord): object {
  const seconds = `${time / 1_000_000_000n}.${(time % 1_000_000_000n).toString().padStart(9, '0')}`;
  return {
    ...(sequence === undefined ? {} : { sequence: sequence.toString() }),
    time: seconds,
    ...rest,
    text: escaped(text),
  };
}
