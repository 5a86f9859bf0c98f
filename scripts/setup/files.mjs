import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Tells what is being done; on standard error, so that standard output belongs to whatever is set up for. */
export function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

/** The file's value, or undefined if there is no such file or nothing in it makes sense. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a value for others to read while it changes: they see the old file or the new one. */
export function writeJson(path, value) {
  const temporary = join(dirname(path), `.${process.pid}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, path);
}
