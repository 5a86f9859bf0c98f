/** Files and folders that must not outlive this process, whatever ends it. */
import { rmSync } from 'node:fs';
import { beforeEnd } from '../process/ending.js';

/** How each is forgotten, by its path. */
const temporaries = new Map<string, () => void>();

/** Notes a path before it is created: it is removed if the process ends before {@link forgetTemporary}. */
export function trackTemporary(path: string): void {
  temporaries.set(
    path,
    beforeEnd(() => remove(path)),
  );
}

/** The path was removed, or has become a file that stays. */
export function forgetTemporary(path: string): void {
  temporaries.get(path)?.();
  temporaries.delete(path);
}

/** Removes a temporary file or folder. */
export function removeTemporary(path: string): void {
  remove(path);
  forgetTemporary(path);
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
