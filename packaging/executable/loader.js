/**
 * The main script of the executable. The modules of the program are in one asset (pack.mjs), each with the code that
 * was compiled when the executable was built (compile.cjs), so that a command loads only its own, and compiles nothing.
 * Threads run this script, too. A last line, which build.mjs or threadScript() adds, starts a module.
 */

const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

/** A path that cannot exist: no file can take the place of a module. */
const FOLDER = '/proc/self/exe';

const pack = getRawAsset('modules');
/** Where the source and the code of each module are in the pack: `[start, end]` in bytes. */
const places = JSON.parse(getAsset('modules.json', 'utf8'));

/** As in src/cli/terminal/exit-codes.ts. */
const INTERNAL_ERROR = 70;

const modules = new Map();
let compiled = 0;

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const filename = `${FOLDER}/${name}`;
  const { source, code } = places[name];
  const cachedData = bytesAt(code);
  const script = new Script(bytesAt(source).toString('utf8'), { filename, cachedData });
  if (!script.cachedDataRejected) compiled += 1;
  script.runInThisContext()(module.exports, requireModule, module, filename, FOLDER);
  return module.exports;
}

function bytesAt([start, end]) {
  return Buffer.from(pack, start, end - start);
}

/** Starts the program. Once it runs, it reports its errors itself; Node would print its source, in long lines. */
// biome-ignore lint/correctness/noUnusedVariables: the line that build.mjs adds calls it
function start(name) {
  try {
    load(name);
  } catch (error) {
    const message = JSON.stringify(String(error));
    process.stderr.write(
      `kexec-file: internal error: ${message} (Node ${process.version}, ${process.arch})\n`,
    );
    process.exitCode = INTERNAL_ERROR;
  }
}

function requireModule(id) {
  return id.startsWith('./') ? load(id.slice(2)) : require(id);
}

// The interface is src/node/program/single-executable.ts.
globalThis[Symbol.for('kexec-file.executable')] = {
  readText: (name) => getAsset(name, 'utf8'),
  readBytes: (name) => new Uint8Array(getRawAsset(name)),
  threadScript: (name) => `${getAsset('loader.js', 'utf8')}\nload(${JSON.stringify(name)});`,
  countModules: () => ({ loaded: modules.size, compiled }),
};
