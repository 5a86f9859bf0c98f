#!/usr/bin/env node
// Checked in, so that npm can link the command before the project is built.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/command/main.js', import.meta.url));
if (existsSync(main)) {
  createRequire(import.meta.url)(main);
} else {
  process.stderr.write('kexec-file is not built: run `npm run setup` (or `npm ci`)\n');
  process.exitCode = 1;
}
