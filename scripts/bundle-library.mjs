/**
 * Builds lib, what programs import from the package: part of `npm run build`.
 *
 * The code is that of dist with what it uses of our dependencies, so that a user need not install them whole: of zod's
 * 6 MB, it uses 300 KB. Modules stay files of their own, so that a bundler leaves out those that a program does not need.
 * The declarations are those that an entry point reaches. They name no type of a dependency.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'rolldown';
import { formatLicences } from './library/bundled-licences.mjs';
import { NATIVE_PACKAGES } from './library/native-packages.mjs';
import { formatReportTypes, REPORT_TYPES } from './library/report-types.mjs';
import { withoutJsonSchemas } from './library/without-json-schemas.mjs';
import { ROOT, readJson } from './setup/files.mjs';

const LIB = join(ROOT, 'lib');
const DIST = join(ROOT, 'dist');

/** Threads are started by the path of their file. */
const WORKERS = ['node/keys/verify-worker', 'node/preflight/preflight-worker', 'node/vmcore/pack-worker'];

/** The tables of checks, whose texts are literal types in dist: a hundred KB, of which no program needs one. */
const CHECKS = 'base/checks';
const CHECK_TEXTS = /(readonly (?:rule|source|cure)): (?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*');/g;

/** Folder of the dependencies' modules. npm never packs one that is called node_modules. */
const VENDOR = 'vendor';

/** The modules that package.json exports, from src, without suffix: `doors/plan-door`. */
function listEntryPoints() {
  return Object.values(readJson(join(ROOT, 'package.json')).exports)
    .filter((target) => typeof target !== 'string')
    .map((target) => target.types.replace(/^\.\/lib\/(.*)\.d\.ts$/, '$1'));
}

/** The file of a module: `doors/plan-door.js`, `vendor/zod/v4/core/util.js`. @param name - that rolldown gives it */
function nameModule(name) {
  return `${name.replace(/^(.*\/)?node_modules\//, `${VENDOR}/`).replace(/\.js$/, '')}.js`;
}

/** @returns the names of the packages whose code is in lib */
async function bundleCode() {
  const { output } = await build({
    cwd: ROOT,
    input: Object.fromEntries([...listEntryPoints(), ...WORKERS].map((name) => [name, `src/${name}.ts`])),
    plugins: [withoutJsonSchemas],
    platform: 'neutral',
    // picocolors asks for `process`, which a browser lacks. One file of it is for browsers, but has no colours.
    transform: { target: 'node20.19', define: { process: 'globalThis.process' } },
    external: [...NATIVE_PACKAGES, /^node:/],
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    // The package says the same of its own modules.
    treeshake: { moduleSideEffects: false },
    output: {
      dir: LIB,
      format: 'esm',
      // The declarations have them.
      comments: { jsdoc: false, legal: true, annotation: true },
      // White space alone is a quarter of the code. Local names are shortened; those in stack traces stay.
      minify: { compress: { keepNames: { function: true, class: true } }, mangle: { toplevel: false } },
      preserveModules: true,
      preserveModulesRoot: 'src',
      entryFileNames: ({ name }) => nameModule(name),
    },
    logLevel: 'warn',
  });
  const modules = output.flatMap(({ moduleIds = [] }) => moduleIds);
  return new Set(modules.flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? []));
}

/** Copies the declarations that entry points reach. @throws Error if one needs the types of a dependency */
function copyDeclarations() {
  const waiting = listEntryPoints().map((name) => `${name}.d.ts`);
  const copied = new Set();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (copied.has(path)) continue;
    copied.add(path);
    if (path === REPORT_TYPES) continue;
    const text = readFileSync(join(DIST, path), 'utf8');
    const code = text.replaceAll(/^\s*(\/\*)?\*.*$/gm, '');
    for (const [, specifier] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)) {
      if (specifier.startsWith('.')) waiting.push(join(dirname(path), specifier).replace(/\.js$/, '.d.ts'));
      else if (!specifier.startsWith('node:'))
        throw new Error(`dist/${path} needs the types of ${specifier}, which users do not have`);
    }
    writeText(path, path.startsWith(CHECKS) ? text.replaceAll(CHECK_TEXTS, '$1: string;') : text);
  }
}

function writeText(path, text) {
  mkdirSync(dirname(join(LIB, path)), { recursive: true });
  writeFileSync(join(LIB, path), text);
}

rmSync(LIB, { recursive: true, force: true });
const packages = await bundleCode();
writeText('LICENCES.txt', formatLicences(packages));
copyDeclarations();
writeText(REPORT_TYPES, await formatReportTypes());
