import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { ROOT } from './setup/files.mjs';

/** Sources find files beside themselves, and are to find them from the bundle, too. */
const KEEP_PLACES = {
  name: 'keep-places',
  transform: {
    filter: { id: /\.ts$/ },
    // No line moves: the map stays as it is.
    handler: (code, path) => ({
      code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      map: null,
    }),
  },
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
    cwd: ROOT,
    input: source,
    platform: 'node',
    // Packages are found from the bundle, too.
    external: /^[^./]/,
    plugins: [KEEP_PLACES],
    output: { file: outfile, format: 'esm', sourcemap: 'inline', codeSplitting: false },
    logLevel: 'warn',
  });
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(outfile).href);
}
