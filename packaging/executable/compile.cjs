/**
 * Compiles the modules of a folder: `node --hash-seed=1 compile.cjs FOLDER`. It runs with the Node of the executable,
 * because V8 uses compiled code only if version, architecture and flags are its own. Each module is checked for that.
 *
 * All functions are compiled, so that nothing depends on a run of the program. V8 stores hashes of strings with the
 * code, and computes them anew when it loads the code; a constant seed makes them the same in every build.
 */
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [, , folder] = process.argv;
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.js'))
  .sort()
  .map((name) => ({ path: join(folder, name), source: readFileSync(join(folder, name), 'utf8') }));

setFlagsFromString('--no-lazy');
const scripts = sources.map(({ path, source }) => ({ path, source, script: new Script(source) }));
// The flags that differ from V8's defaults are a part of the result.
setFlagsFromString('--lazy');
setFlagsFromString('--hash-seed=0');
for (const { path, source, script } of scripts) {
  const cachedData = script.createCachedData();
  if (new Script(source, { cachedData }).cachedDataRejected)
    throw new Error(`V8 rejects its code of ${path}`);
  writeFileSync(`${path}.compiled`, cachedData);
}
