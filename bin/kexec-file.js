#!/usr/bin/env node
// Checked in, so that npm can link the command before the project is built. CommonJS, as the bundle: to start Node's
// loader of ESM for one file takes as long as all that --version does.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/command/main.js');
if (existsSync(main)) {
  require(main);
} else {
  process.stderr.write('kexec-file is not built: run `npm run setup` (or `npm ci`)\n');
  process.exitCode = 1;
}
