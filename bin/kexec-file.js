#!/usr/bin/env node
// Checked in, so that npm can link the command before the project is built. CommonJS, as the bundle: to start Node's
// loader of ESM for one file takes as long as all that --version does. Old versions of Node must be able to parse this
// file, so that it can say that they are too old.
// biome-ignore lint/style/useNodejsImportProtocol: Node 12 does not know it
const { existsSync } = require('fs');
// biome-ignore lint/style/useNodejsImportProtocol: Node 12 does not know it
const { join } = require('path');

/** The oldest Node of package.json's `engines`, and the exit code of an error of the program itself. */
const OLDEST = [20, 19];
const INTERNAL_ERROR = 70;

const [major, minor] = process.versions.node.split('.').map(Number);
const isTooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
const main = join(__dirname, '../dist/command/main.js');
if (isTooOld) {
  const { homepage } = require('../package.json');
  process.stderr.write(
    `kexec-file needs Node ${OLDEST.join('.')} or later, and this is Node ${process.versions.node} ` +
      `(${process.execPath}); kexec-file-linux-${process.arch} needs no Node: ${homepage}\n`,
  );
  process.exitCode = INTERNAL_ERROR;
} else if (existsSync(main)) {
  if (require('node:module').enableCompileCache !== undefined)
    require('./compile-cache.js').useCompileCache();
  require(main);
} else {
  process.stderr.write('kexec-file is not built: run `npm run setup` (or `npm ci`)\n');
  process.exitCode = 1;
}
