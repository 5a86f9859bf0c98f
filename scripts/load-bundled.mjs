import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import { ROOT } from './setup/files.mjs';

/** Keeps the value of `import.meta.url`, so that sources find the files beside them from the bundle, too. */
const KEEP_URLS = {
  name: 'keep-urls',
  transform: {
    filter: { id: /\.ts$/ },
    // Lines do not move, so the source map stays valid.
    handler: (code, path) => ({
      code: code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      map: null,
    }),
  },
};

/**
 * Imports a TypeScript module of the tests into a program that Node runs directly.
 *
 * @param source - the module's path in the checkout
 * @param bundle - path in the checkout for the bundle of the module and its imports
 * @returns the exports of the module
 */
export async function loadBundled(source, bundle) {
  const outfile = join(ROOT, bundle);
  await build({
    cwd: ROOT,
    input: source,
    platform: 'node',
    // Packages stay outside: the bundle finds them, too.
    external: /^[^./]/,
    plugins: [KEEP_URLS],
    output: { file: outfile, format: 'esm', sourcemap: 'inline', codeSplitting: false },
    logLevel: 'warn',
  });
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(outfile).href);
}
