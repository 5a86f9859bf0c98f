import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../scripts/setup/files.mjs';

/** Sources find files beside themselves, and are to find them from the bundle, too. */
const KEEP_PLACES = {
  name: 'keep-places',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: 'ts',
    })),
};

/** The tests' rig for running guests: what test/guest/guest.ts exports. */
export function loadRig() {
  return loadSource('test/guest/guest.ts');
}

/** What a module of the tests exports, which is TypeScript. */
export async function loadSource(path) {
  const outfile = join(ROOT, 'build/bench', `${basename(path, '.ts')}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [KEEP_PLACES],
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
