import { CAPTURE_MARK } from '../capture/capture-script.js';

/** Where a rehearsal ended: the stage that was not got through, or `vmcore`, if a whole one came out. */
export const REHEARSAL_STAGES = [
  'boot',
  'crashkernel',
  'load',
  'panic',
  'capture-kernel',
  'dump',
  'save',
  'read',
  'vmcore',
] as const;

export interface RehearsalOutcome {
  readonly stage: (typeof REHEARSAL_STAGES)[number];
  /** What was seen there, a line each. */
  readonly seen: readonly string[];
}

/** Lines at the end of a console that are worth a look. */
const LAST = 5;

/** What purgatory says, and what arm64 kernels say first. */
const PURGATORY = /kexec-file: purgatory at EL/;
const KERNEL = /Booting Linux on physical CPU|Linux version /;

/**
 * What became of a crash, by what the console said from then on; `saved` if the capture kernel says that it saved.
 *
 * @param console - what was said since the kernel was made to panic
 * @param ended - how the guest ended, in words
 */
export function judgeCrash(console: string, ended: string): RehearsalOutcome | { readonly saved: bigint } {
  const told = capturedLines(console);
  const saved = /^saved (\d+) bytes/m.exec(told.join('\n'))?.[1];
  if (saved !== undefined) return { saved: BigInt(saved) };
  if (told.some((line) => line.startsWith('there is no /proc/vmcore'))) return { stage: 'dump', seen: told };
  if (told.length > 0) return { stage: 'save', seen: [...told, ended] };
  const seen = [...takeLastLines(console), ended];
  if (!/Kernel panic - not syncing/.test(console)) return { stage: 'panic', seen };
  return { stage: 'capture-kernel', seen: [silence(console), ...seen] };
}

function silence(console: string): string {
  const since = console.slice(Math.max(console.search(PURGATORY), 0));
  if (KERNEL.test(since)) return 'the capture kernel started, and did not come to its init';
  return PURGATORY.test(since)
    ? 'purgatory handed over, and the capture kernel said nothing'
    : 'the kernel panicked, and nothing of what was loaded said anything';
}

/** What the capture initrd's script said. */
function capturedLines(console: string): string[] {
  return lines(console)
    .filter((line) => line.includes(CAPTURE_MARK))
    .map((line) => line.slice(line.indexOf(CAPTURE_MARK) + CAPTURE_MARK.length).trim());
}

/** The last lines of a console that say something. */
export function takeLastLines(console: string): string[] {
  return lines(console).slice(-LAST);
}

function lines(console: string): string[] {
  return console
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
