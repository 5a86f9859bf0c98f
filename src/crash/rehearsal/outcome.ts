import { CAPTURE_MARK } from '../capture/capture-script.js';

/** The stage at which a rehearsal failed; `vmcore` if it succeeded. */
const REHEARSAL_STAGES = [
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
  /** What was seen at that stage, one line each. */
  readonly seen: readonly string[];
}

/** How many lines at the end of a console are shown. */
const MAX_LAST_LINES = 5;

/** The first words of purgatory, and of kernels. */
const PURGATORY = /kexec-file: purgatory(?: at EL|: verifying)/;
const KERNEL = /Booting Linux on physical CPU|Linux version /;

/**
 * Judges a crash by the console.
 *
 * @param console - its text from the moment when the kernel was made to panic
 * @param ended - how the guest ended, in words
 * @returns the stage at which it failed; or `saved`, the size of the dump in bytes, if the capture kernel reports a
 *   save
 */
export function judgeCrash(console: string, ended: string): RehearsalOutcome | { readonly saved: bigint } {
  const captured = findCaptureLines(console);
  const saved = /^saved (\d+) bytes/m.exec(captured.join('\n'))?.[1];
  if (saved !== undefined) return { saved: BigInt(saved) };
  if (captured.some((line) => line.startsWith('there is no /proc/vmcore')))
    return { stage: 'dump', seen: captured };
  if (captured.length > 0) return { stage: 'save', seen: [...captured, ended] };
  const seen = [...takeLastLines(console), ended];
  if (!/Kernel panic - not syncing/.test(console)) return { stage: 'panic', seen };
  return { stage: 'capture-kernel', seen: [describeSilence(console), ...seen] };
}

/** Describes how far a crash came whose capture initrd printed nothing. */
function describeSilence(console: string): string {
  const since = console.slice(Math.max(console.search(PURGATORY), 0));
  if (KERNEL.test(since)) return 'the capture kernel started, but did not run its init';
  return PURGATORY.test(since)
    ? 'purgatory entered the capture kernel, which printed nothing'
    : 'the kernel panicked, and nothing that was loaded printed anything';
}

/** Finds the lines of the capture initrd's script. */
function findCaptureLines(console: string): string[] {
  return splitLines(console)
    .filter((line) => line.includes(CAPTURE_MARK))
    .map((line) => line.slice(line.indexOf(CAPTURE_MARK) + CAPTURE_MARK.length).trim());
}

/** Takes the last lines of a console that are not empty. */
export function takeLastLines(console: string): string[] {
  return splitLines(console).slice(-MAX_LAST_LINES);
}

function splitLines(console: string): string[] {
  return console
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
