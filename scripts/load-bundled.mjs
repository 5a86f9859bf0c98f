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
 * Bundles a TypeScript module of the tests with its imports, but without packages, which the bundle finds, too.
 *
 * @param source - the module's path in the checkout
 * @param bundle - path in the checkout for the bundle
 * @param format - `esm` or `cjs`
 * @returns the bundle's path
 */
export async function bundleTests(source, bundle, format = 'esm') {
  const outfile = join(ROOT, bundle);
  await build({
    cwd: ROOT,
    input: source,
    platform: 'node',
    external: /^[^./]/,
    plugins: [KEEP_URLS],
    // The fuzzer would instrument a map, too.
    output: { file: outfile, format, sourcemap: format === 'esm' && 'inline', codeSplitting: false },
    logLevel: 'warn',
  });
  return outfile;
}

/**
 * Imports a TypeScript module of the tests into a program that Node runs directly.
 *
 * @param source - as for {@link bundleTests}
 * @param bundle - as for {@link bundleTests}
 * @returns the exports of the module
 */
export async function loadBundled(source, bundle) {
  const outfile = await bundleTests(source, bundle);
  process.setSourceMapsEnabled(true);
  return import(pathToFileURL(outfile).href);
}
