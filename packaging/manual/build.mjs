/**
 * Writes the manual from the declarations of the commands, the schemas and docs/:
 *
 *   node packaging/manual/build.mjs    writes build/manual/man5, man7 and man8
 *
 * It reads dist: run `npm run build` before, or `npm run manual`, which does.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { readSourceDate } from '../source-date.mjs';
import { buildPages } from './pages.mjs';

const FOLDER = join(ROOT, 'build/manual');

rmSync(FOLDER, { recursive: true, force: true });
for (const [name, text] of await buildPages(readSourceDate())) {
  const path = join(FOLDER, `man${name.slice(-1)}`, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
