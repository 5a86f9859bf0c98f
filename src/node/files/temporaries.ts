/** Files and folders that must not outlive this process, whatever ends it. */
import { rmSync } from 'node:fs';

/** Signals that end a process, and that it can act upon before. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];

const temporaries = new Set<string>();

/** Notes a path before it is created: it is removed if the process ends before {@link forgetTemporary}. */
export function trackTemporary(path: string): void {
  if (temporaries.size === 0) {
    for (const signal of ENDING) process.on(signal, endBySignal);
    process.on('exit', removeTemporaries);
  }
  temporaries.add(path);
}

/** The path was removed, or has become a file that stays. */
export function forgetTemporary(path: string): void {
  if (!temporaries.delete(path) || temporaries.size > 0) return;
  for (const signal of ENDING) process.off(signal, endBySignal);
  process.off('exit', removeTemporaries);
}

/** Removes a temporary file or folder. */
export function removeTemporary(path: string): void {
  rmSync(path, { recursive: true, force: true });
  forgetTemporary(path);
}

function removeTemporaries(): void {
  for (const path of temporaries) rmSync(path, { recursive: true, force: true });
}

/** Removes what is temporary, then lets the signal end the process, so that its parent sees which one it was. */
function endBySignal(signal: NodeJS.Signals): void {
  // Another listener, such as that of a guest, ends its work in order; the temporary files are removed after that.
  if (process.listenerCount(signal) > 1) return;
  removeTemporaries();
  process.off(signal, endBySignal);
  process.kill(process.pid, signal);
}
