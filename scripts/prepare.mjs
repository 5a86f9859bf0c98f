/**
 * What `npm ci` runs at its end: builds dist, so that `npx kexec-file` works from then on.
 *
 * npx runs it too, also in a checkout without npm packages; to fail there would leave npx with a broken link for
 * good, so it does nothing, and the command says that it is not built.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';
import { ensureBuild } from './setup/project.mjs';

if (existsSync(join(ROOT, 'node_modules/typescript'))) ensureBuild();
