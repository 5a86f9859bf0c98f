/**
 * Builds the Debian packages into build/deb, on any machine that has dpkg-deb, for both architectures:
 *
 *   npm run deb
 *
 * kexec-file for both architectures, and the packages that put it in the place of other programs, for all. A package
 * whose contents have not changed is left as it is. docs/packages.md describes them.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readPublisher } from '../../scripts/publisher.mjs';
import { ROOT, readJson } from '../../scripts/setup/files.mjs';
import { ensureBuild } from '../../scripts/setup/project.mjs';
import { listComponents } from '../components.mjs';
import { readSourceDate } from '../source-date.mjs';
import { formatDebianChangelog } from './changelog.mjs';
import { describeDropIn, describeKexecFile } from './control.mjs';
import { formatCopyright } from './copyright.mjs';
import { collectDropIn, DROP_INS } from './drop-in-tree.mjs';
import { collectKexecFile } from './kexec-file-tree.mjs';
import { packPackage } from './pack.mjs';
import { formatDebianVersion } from './version.mjs';

/** The executable for each of Debian's architectures. */
const EXECUTABLES = {
  amd64: join(ROOT, 'build/executable/kexec-file-linux-x64'),
  arm64: join(ROOT, 'build/executable/kexec-file-linux-arm64'),
};

function buildPackages(output) {
  const publisher = readPublisher();
  const date = readSourceDate();
  const year = new Date(date * 1000).getUTCFullYear();
  const facts = {
    version: formatDebianVersion(readJson(join(ROOT, 'package.json')).version),
    maintainer: `${publisher.name} <${publisher.email}>`,
    homepage: publisher.homepage,
  };
  const changelog = formatDebianChangelog(readText('CHANGELOG.md'), date, facts.maintainer);
  const forAll = {
    changelog,
    manual: join(ROOT, 'build/manual'),
    completions: join(ROOT, 'build/completions'),
    copyright: formatCopyright(publisher, year, listComponents()),
    sbom: readText('build/sbom/kexec-file.cdx.json'),
  };
  const packages = Object.entries(EXECUTABLES).map(([architecture, executable]) => ({
    ...{ name: 'kexec-file', architecture, describe: describeKexecFile },
    tree: collectKexecFile({ ...forAll, executable }),
  }));
  const documents = { changelog, copyright: formatCopyright(publisher, year, []) };
  for (const name of Object.keys(DROP_INS)) {
    const describe = (fields) => describeDropIn(name, fields);
    packages.push({ name, architecture: 'all', describe, tree: collectDropIn(name, documents) });
  }

  for (const { name, architecture, describe, tree } of packages) {
    const path = join(output, `${name}_${facts.version}_${architecture}.deb`);
    const fields = describe({ ...facts, architecture, installedSize: tree.installedSize });
    const isNew = packPackage({
      tree,
      fields,
      scripts: join(ROOT, 'packaging/debian', name, 'DEBIAN'),
      path,
      date,
    });
    const { size } = statSync(path);
    process.stdout.write(`${relative(ROOT, path)}  ${size}${isNew ? '' : ' (unchanged)'}\n`);
  }
}

function readText(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Runs a program; returns what it prints. What it writes to standard error is shown. */
function run(program, args) {
  const { status, error, stdout } = spawnSync(program, args, {
    ...{ cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`, { cause: error });
  return stdout;
}

/** Builds what the packages contain, unless it is newer than the command. */
function buildParts() {
  ensureBuild();
  const built = statSync(join(ROOT, 'dist/index.js')).mtimeMs;
  const isCurrent = (path) => existsSync(path) && statSync(path).mtimeMs > built;
  if (!Object.values(EXECUTABLES).every(isCurrent)) run(process.execPath, ['packaging/executable/build.mjs']);
  for (const part of ['manual', 'completions', 'sbom']) {
    run(process.execPath, [`packaging/${part}/build.mjs`]);
  }
}

try {
  buildParts();
  buildPackages(join(ROOT, 'build/deb'));
} catch (error) {
  process.stderr.write(`deb: ${error.message}\n`);
  process.exitCode = 1;
}
