/** Removes dist, so that it holds no file whose source was moved or deleted: the package contains all of dist. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
