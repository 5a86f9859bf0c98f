/**
 * The main script of the executable. The modules of the program are assets, each with the code that was compiled when
 * the executable was built (compile.cjs), so that a command loads only its own, and compiles nothing. Threads run this
 * script, too. A last line, which build.mjs or threadScript() adds, starts a module.
 */

const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

/** A path that cannot exist: no file can take the place of a module. */
const FOLDER = '/proc/self/exe';

const modules = new Map();
let compiled = 0;

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const filename = `${FOLDER}/${name}`;
  const cachedData = new Uint8Array(getRawAsset(`${name}.compiled`));
  const script = new Script(getAsset(name, 'utf8'), { filename, cachedData });
  if (!script.cachedDataRejected) compiled += 1;
  script.runInThisContext()(module.exports, requireModule, module, filename, FOLDER);
  return module.exports;
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
