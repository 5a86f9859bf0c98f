/**
 * Writes the JSON Schemas in schemas/ from the declarations in src/view/json/schemas:
 *
 *   node scripts/schemas.mjs            writes the files
 *   node scripts/schemas.mjs --check    compares them with the checked-in files: exit code 1 if they differ
 *
 * It reads dist, so run `npm run build` before.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildJsonSchemas } from '../dist/view/json/schemas/json-schema.js';
import { ROOT } from './setup/files.mjs';

const FOLDER = join(ROOT, 'schemas');

const wanted = new Map(
  Object.entries(buildJsonSchemas()).map(([name, schema]) => [
    `${name}.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]),
);
mkdirSync(FOLDER, { recursive: true });
const existing = new Map(readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')]));
const differing = [...new Set([...wanted.keys(), ...existing.keys()])].filter(
  (file) => wanted.get(file) !== existing.get(file),
);

if (process.argv.includes('--check')) {
  for (const file of differing)
    process.stderr.write(`schemas/${file} does not match src/view/json/schemas: run npm run schemas\n`);
  if (differing.length > 0) process.exitCode = 1;
} else {
  for (const file of differing) {
    if (wanted.has(file)) writeFileSync(join(FOLDER, file), wanted.get(file));
    else rmSync(join(FOLDER, file));
  }
}
