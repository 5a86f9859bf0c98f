import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './setup/files.mjs';

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

/**
 * What a TypeScript source of the tests exports, for a program that is none of them.
 *
 * @param source - its path in the checkout
 * @param bundle - where it is put with all that it imports, in the checkout
 */
export async function loadBundled(source, bundle) {
  const outfile = join(ROOT, bundle);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    plugins: [KEEP_PLACES],
    logLevel: 'warning',
  });
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(outfile).href);
}
