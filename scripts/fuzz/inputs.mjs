/** The inputs of a fuzz target: its corpus in the checkout, and the folder that the fuzzer works in. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup/files.mjs';

/** The most inputs of a corpus, and the largest of them in bytes: all are replayed in each run of the tests. */
const MAX_INPUTS = 120;
const MAX_BYTES = 1024;

/**
 * Writes the seeds and the corpus of a target into a new folder, a file each.
 *
 * @returns the folder
 */
export function prepareInputs(name, { seeds }) {
  const folder = join(ROOT, 'build/fuzz/inputs', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const bytes of [...seeds(), ...readCorpus(name)]) writeFileSync(join(folder, nameInput(bytes)), bytes);
  return folder;
}

/**
 * Keeps what the fuzzer found in the corpus of the checkout: the smallest inputs, and those that are there already.
 *
 * @param folder - where the fuzzer put them
 */
export function keepInputs(name, { seeds }, folder) {
  const known = new Set(seeds().map(nameInput));
  const kept = readCorpus(name);
  for (const bytes of kept) known.add(nameInput(bytes));
  const found = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file)))
    .filter((bytes) => bytes.length > 0 && bytes.length <= MAX_BYTES && !known.has(nameInput(bytes)))
    .sort((a, b) => a.length - b.length);
  const inputs = [...kept, ...found].slice(0, Math.max(MAX_INPUTS, kept.length));
  const lines = inputs.map((bytes) => Buffer.from(bytes).toString('base64')).sort();
  writeFileSync(corpusFile(name), lines.map((line) => `${line}\n`).join(''));
}

function readCorpus(name) {
  if (!existsSync(corpusFile(name))) return [];
  const lines = readFileSync(corpusFile(name), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => Buffer.from(line, 'base64'));
}

function corpusFile(name) {
  return join(ROOT, 'test/fuzz/corpus', `${name}.txt`);
}

function nameInput(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
