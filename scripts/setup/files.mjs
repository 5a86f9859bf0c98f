import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Prints progress on standard error, so that standard output contains only the output of the command that follows. */
export function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

/** The value in a JSON file; undefined if there is no such file or it is not JSON. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a JSON file in one step: other processes see the old file or the new one. */
export function writeJson(path, value) {
  const temporary = join(dirname(path), `.${process.pid}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, path);
}
