/**
 * Builds the executables: `node packaging/executable/build.mjs [--cpu x64|arm64] [--archive]`, after `npm run build`.
 *
 * An executable is Node with the command in it, in Node's own format for that (single executable applications).
 * docs/executable.md says what is in it.
 */

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchPlatformPackages } from '../../scripts/platform-packages.mjs';
import { ROOT, readJson } from '../../scripts/setup/files.mjs';
import { archive } from './archive.mjs';
import { packModules } from './pack.mjs';
import { PLATFORMS, runFor } from './platforms.mjs';
import { run } from './run.mjs';

const FOLDER = join(ROOT, 'packaging/executable');
const COMMAND = join(ROOT, 'dist/command');
const OUTPUT = join(ROOT, 'build/executable');

/** What Node looks for in its own file, to see whether a program is in it (`node::sea`, src/node_sea.cc). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const { values } = parseArgs({
  options: { cpu: { type: 'string', multiple: true }, archive: { type: 'boolean' } },
});
for (const cpu of values.cpu ?? Object.keys(PLATFORMS)) {
  if (PLATFORMS[cpu] === undefined) throw new Error(`--cpu takes ${Object.keys(PLATFORMS).join(' or ')}`);
  const file = buildExecutable(cpu);
  for (const path of [file, ...(values.archive ? [archive(file)] : [])]) {
    process.stdout.write(`${path.slice(ROOT.length)}: ${(statSync(path).size / 1e6).toFixed(1)} MB\n`);
  }
}

/** Builds the executable for a CPU. @returns its path */
function buildExecutable(cpu) {
  const packages = join(fetchPlatformPackages('executable', cpu), 'node_modules');
  const own = join(fetchPlatformPackages('executable', process.arch), 'node_modules');
  const work = join(OUTPUT, `linux-${cpu}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const assets = { ...writeModules(work, cpu, nodeIn(packages, cpu)), ...writeFacts(work, cpu, packages) };
    const blob = join(work, 'program.blob');
    const config = {
      // Without the folder of this build: the executable contains this name.
      main: 'main.js',
      output: blob,
      assets,
      disableExperimentalSEAWarning: true,
      // A program of root obeys no NODE_OPTIONS of another user.
      execArgvExtension: 'none',
    };
    const loader = readFileSync(join(FOLDER, 'loader.js'), 'utf8');
    writeFileSync(join(work, config.main), `${loader}\nstart('main.js');\n`);
    writeFileSync(join(work, 'config.json'), JSON.stringify(config));
    run(nodeIn(own, process.arch), ['--experimental-sea-config', 'config.json'], { cwd: work });

    const file = join(work, 'executable');
    copyFileSync(nodeIn(packages, cpu), file);
    run(`${PLATFORMS[cpu].binutils}-strip`, [file]);
    const postject = join(ROOT, 'node_modules/postject/dist/cli.js');
    run(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE]);
    const target = join(OUTPUT, `kexec-file-linux-${cpu}`);
    renameSync(file, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function nodeIn(packages, cpu) {
  return join(packages, `node-linux-${cpu}`, 'bin/node');
}

/** Writes the modules of the command, and their compiled code. @returns the assets: paths by name */
function writeModules(work, cpu, node) {
  const folder = join(work, 'modules');
  mkdirSync(folder);
  for (const name of readdirSync(COMMAND)) {
    const path = join(COMMAND, name);
    if (!name.endsWith('.js')) continue;
    // As Node wraps a CommonJS module.
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
    writeFileSync(join(folder, name), wrapped);
  }
  runFor(cpu, node, ['--hash-seed=1', join(FOLDER, 'compile.cjs'), folder]);
  return packModules(folder, work);
}

/** Writes the other files that the program reads. @returns the assets: paths by name */
function writeFacts(work, cpu, packages) {
  const licences = join(work, 'licenses.txt');
  const build = join(work, 'build.json');
  writeFileSync(
    build,
    JSON.stringify({ version: readVersion(), platform: `linux-${cpu}`, commit: findCommit() }),
  );
  writeFileSync(
    licences,
    [
      readFileSync(join(COMMAND, 'licenses.txt'), 'utf8'),
      `koffi\n\n${readFileSync(join(ROOT, 'node_modules/koffi/LICENSE.txt'), 'utf8')}`,
      `Node.js\n\n${readFileSync(join(packages, `node-linux-${cpu}`, 'LICENSE'), 'utf8')}`,
    ].join(`\n${'-'.repeat(80)}\n\n`),
  );
  const help = readdirSync(COMMAND).filter((name) => /^help[-\d\w]*$/.test(name));
  return {
    ...Object.fromEntries(help.sort().map((name) => [name, join(COMMAND, name)])),
    'build.json': build,
    'licenses.txt': licences,
    'loader.js': join(FOLDER, 'loader.js'),
    'inspector.html.br': join(COMMAND, 'inspector.html.br'),
    'koffi.node': join(packages, `@koromix/koffi-linux-${cpu}`, `linux_${cpu}`, 'koffi.node'),
  };
}

function readVersion() {
  return readJson(join(ROOT, 'package.json')).version;
}

/** The commit that is checked out; undefined if this is no git repository. `+`: files differ from the commit. */
function findCommit() {
  try {
    const commit = run('git', ['-C', ROOT, 'rev-parse', '--short=10', 'HEAD']).trim();
    const changes = run('git', ['-C', ROOT, 'status', '--porcelain', '--untracked-files=no']);
    return changes === '' ? commit : `${commit}+`;
  } catch {
    return undefined;
  }
}
