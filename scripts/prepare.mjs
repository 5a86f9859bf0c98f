/**
 * Builds dist at the end of `npm ci`, so that `npx kexec-file` works.
 *
 * npx runs this script too, even in a checkout without npm packages. A failure there would leave npx with a broken link
 * for good, so the script does nothing, and the command says that it is not built.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';
import { ensureBuild } from './setup/project.mjs';

if (existsSync(join(ROOT, 'node_modules/typescript'))) ensureBuild();
