/** Removes what is built, so that no file is left whose source was moved or deleted: the package contains it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';

for (const folder of ['dist', 'lib']) rmSync(join(ROOT, folder), { recursive: true, force: true });
