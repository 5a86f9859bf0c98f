import { basename } from 'node:path';

/** Runs the program under another's name. @returns the exit code */
type RunDropIn = (args: readonly string[]) => Promise<number>;

/** The programs whose options this one takes when a link of their name calls it. Each is loaded when it is called. */
const DROP_INS: ReadonlyMap<string, () => Promise<RunDropIn>> = new Map([
  ['kexec', async () => (await import('./kexec-tools/kexec-main.js')).runKexecMain],
  ['makedumpfile', async () => (await import('./makedumpfile/makedumpfile-main.js')).runMakedumpfile],
  ['vmcore-dmesg', async () => (await import('./vmcore-dmesg/vmcore-dmesg-main.js')).runVmcoreDmesg],
]);

/**
 * Finds the program that this one was called as.
 *
 * @param path - that it was called by
 * @returns undefined if it was called by its own name, or any other
 */
export function findDropIn(path: string | undefined): (() => Promise<RunDropIn>) | undefined {
  return DROP_INS.get(basename(path ?? ''));
}
