/** Kills `load` at points of its run, and starts what is loaded then. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { corpus } from '../support/corpus.js';
import { type GuestRun, runGuest } from './guest.js';
import { findGuestKernel, type GuestKernel, platformOf } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

/** The number of points, evenly spread over the time that a load takes. */
const TIMES = 8;

/** What happens in the memory of the process alone, and is lost with it: no kills at these. */
const CALLS_IN_MEMORY =
  'brk|futex|madvise|mmap|mprotect|mremap|munmap|rt_sigaction|rt_sigprocmask|sched_yield';

/** The fewest points at calls: a load makes some hundreds, and how many of a call varies. */
const LEAST_CALLS = 150;

/**
 * Shell code that kills loads and prints how each ended, and the fewest lines of it. `$load` begins the command of a load, and what
 * is behind `load=` names the point.
 */
const KILLS = {
  /** At points in time, the last one soonest. */
  times: {
    script: `
      first=$(now)
      $load --append load=0
      took=$(($(now) - first))
      echo '== kills'
      for point in $(seq ${TIMES} -1 1); do
        $load --append load=$point > /tmp/output 2>&1 &
        after=$((took * point / ${TIMES}))
        sleep "$((after / 100)).$(printf %02d $((after % 100)))"
        kill -9 $!
        wait $! 2> /dev/null
        report $point $?
      done`,
    least: TIMES,
    packages: [],
    timeout: undefined,
  },
  /** At each system call of the main thread, by strace, which counts those of a name. */
  calls: {
    script: `
      strace -o /tmp/calls $load --append load=0
      awk -F'(' '/^[a-z]/ { print $1 }' /tmp/calls | grep -v -x -E '${CALLS_IN_MEMORY}' | sort | uniq -c > /tmp/counts
      echo '== kills'
      while read -r count name; do
        for n in $(seq $count); do
          strace -o /tmp/calls -e trace=$name -e inject=$name:signal=KILL:when=$n \
            $load --append load=\${name}_$n > /tmp/output 2>&1 < /dev/null
          report \${name}_$n $?
        done
      done < /tmp/counts`,
    least: LEAST_CALLS,
    packages: ['strace'],
    timeout: 90 * 60_000,
  },
} as const;

/** The time limit of a test that kills at each system call: it takes some 15 minutes on an idle machine. */
export const CALLS_TIMEOUT = KILLS.calls.timeout + 10_000;

/** How what is loaded is started, and the file that says whether something is. */
const TYPES = {
  default: { option: '--reuse-cmdline', loaded: '/sys/kernel/kexec_loaded', start: 'kexec-file exec' },
  crash: {
    option: '--panic --capture-cmdline',
    loaded: '/sys/kernel/kexec_crash_loaded',
    // A crash does not wait for the serial port, which may still be printing.
    start: 'sleep 2; echo c > /proc/sysrq-trigger',
  },
} as const;

/** What is loaded and killed. */
export interface InterruptedLoads {
  readonly kernel: GuestKernel;
  readonly type: keyof typeof TYPES;
  /** Options of `load`. */
  readonly options: string;
  readonly at: keyof typeof KILLS;
}

/**
 * Loads a kernel whose command line has `load=0`, and kills further loads, which have something else there. Expects
 * that a kernel is loaded after each, unless it is a crash kernel, of which the kernel frees the old one first. The one that is
 * loaded at the end starts, with whole segments: it is that of the last load that completed, or of one that was killed later.
 */
export async function expectOldOrNew({ kernel, type, options, at }: InterruptedLoads): Promise<void> {
  const platform = platformOf(kernel);
  const content = Buffer.alloc(4 << 20, 'what the next kernel is to find ');
  const { option, loaded, start } = TYPES[type];
  const { script, least, packages, timeout } = KILLS[at];
  const suffix = platform.cpu === 'x64' ? ':amd64' : '';
  const run = await runGuest({
    kernel,
    memory: '2G',
    commandLine: 'crashkernel=512M',
    packages: packages.map((name) => name + suffix),
    ...(timeout === undefined ? {} : { timeout }),
    files: {
      '/boot/vmlinuz': findGuestKernel(kernel),
      '/boot/initrd': buildSecondInitrd(content, [], platform),
      '/boot/shim': corpus.shim(),
    },
    script: `
      ln -s vmlinuz "/boot/vmlinuz-$(uname -r)"
      load="kexec-file load /boot/vmlinuz --initrd /boot/initrd ${option} ${options}"
      # In hundredths of a second.
      now() { read -r up _ < /proc/uptime; echo "\${up%.*}\${up#*.}"; }
      report() { echo "$1 ended with $2, loaded $(cat ${loaded})"; }
      echo '== first'
      $load --append load=0
      ${script}
      echo '== end'
      [ "$(cat ${loaded})" = 1 ] || $load --append load=again
      ${start}`,
  });
  const candidates = findCandidates(run, type, least);
  const second = secondKernel(run.console);
  expect(second?.sha256.get(PAYLOAD), run.console).toBe(createHash('sha256').update(content).digest('hex'));
  expect(candidates).toContain(/ load=(\w+)/.exec(second?.commandLine ?? '')?.[1]);
}

const KILLED = 137;

/** Checks what happened at each point. @returns what may be loaded at the end, as `load=` has it */
function findCandidates(
  { output, console }: GuestRun,
  type: InterruptedLoads['type'],
  least: number,
): string[] {
  const lines = [...output.matchAll(/^(\w+) ended with (\d+), loaded (\d)$/gm)];
  const kills = lines.map(([, point = '', status, loaded]) => ({ point, status: Number(status), loaded }));
  expect(kills, `${output}${console}`).toSatisfy(({ length }) => length >= least);
  expect(kills.some(({ status }) => status === KILLED)).toBe(true);
  let candidates = ['0'];
  for (const { point, status, loaded } of kills) {
    expect([0, KILLED]).toContain(status);
    candidates = status === 0 ? [point] : [...candidates, point];
    if (status === 0 || type === 'default') expect(loaded).toBe('1');
    // The kernel has freed the old one, and not loaded the new one.
    if (loaded === '0') candidates = ['again'];
  }
  return candidates;
}
