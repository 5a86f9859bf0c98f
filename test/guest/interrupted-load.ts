/** Kills `load` at points of its run, and starts what is loaded then. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { corpus } from '../support/corpus.js';
import { type GuestRun, runGuest } from './guest.js';
import { findGuestKernel, type GuestKernel, platformOf } from './platforms.js';
import { buildSecondInitrd, PAYLOAD, secondKernel } from './second-kernel.js';

/** The number of points, evenly spread over the time that a load takes. */
const POINTS = 8;

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
}

/**
 * Loads a kernel whose command line has `load=0`, and kills further loads, which have another number, the last one soonest. Expects
 * that a kernel is loaded after each, unless it is a crash kernel, of which the kernel frees the old one first. The one that is
 * loaded at the end starts, with whole segments: it is that of the last load that completed, or of one that was killed later.
 */
export async function expectOldOrNew({ kernel, type, options }: InterruptedLoads): Promise<void> {
  const platform = platformOf(kernel);
  const content = Buffer.alloc(4 << 20, 'what the next kernel is to find ');
  const { option, loaded, start } = TYPES[type];
  const run = await runGuest({
    kernel,
    memory: '2G',
    commandLine: 'crashkernel=512M',
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
      echo '== first'
      $load --append load=0
      first=$(now)
      $load --append load=0
      took=$(($(now) - first))
      echo '== kills'
      for point in $(seq ${POINTS} -1 1); do
        $load --append load=$point > /tmp/output 2>&1 &
        after=$((took * point / ${POINTS}))
        sleep "$((after / 100)).$(printf %02d $((after % 100)))"
        kill -9 $!
        wait $! 2> /dev/null
        echo "$point ended with $?, loaded $(cat ${loaded})"
      done
      echo '== end'
      [ "$(cat ${loaded})" = 1 ] || $load --append load=again
      ${start}`,
  });
  const candidates = findCandidates(run, type);
  const second = secondKernel(run.console);
  expect(second?.sha256.get(PAYLOAD), run.console).toBe(createHash('sha256').update(content).digest('hex'));
  expect(candidates).toContain(/ load=(\w+)/.exec(second?.commandLine ?? '')?.[1]);
}

const KILLED = 137;

/** Checks what happened at each point. @returns what may be loaded at the end, as `load=` has it */
function findCandidates({ output, console }: GuestRun, type: InterruptedLoads['type']): string[] {
  const lines = [...output.matchAll(/^(\d+) ended with (\d+), loaded (\d)$/gm)];
  const kills = lines.map(([, point = '', status, loaded]) => ({ point, status: Number(status), loaded }));
  expect(kills, `${output}${console}`).toHaveLength(POINTS);
  expect(kills.at(-1)?.status).toBe(KILLED);
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
