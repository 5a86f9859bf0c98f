/**
 * `npm run bench`: compares the command's shortest answers with the start of Node. The results are in
 * docs/performance.md.
 */

import { formatRatio, formatResults, measureInTurn } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const ROUNDS = 61;

const results = measureInTurn(
  {
    'node -e 0': ['node', '-e', '0'],
    'kexec-file --version': [...KEXEC_FILE, '--version'],
    'kexec-file --help': [...KEXEC_FILE, '--help'],
  },
  ROUNDS,
  { measuresPeak: false },
);
const { 'node -e 0': node, 'kexec-file --version': version, 'kexec-file --help': help } = results;
process.stdout.write(`Node ${process.version}, ${ROUNDS} rounds in turn, medians

${formatResults(results)}

- --version: ${formatRatio(version.cpu, node.cpu)} times the CPU time of Node alone, ${formatRatio(version.wall, node.wall)} times its wall time
- --help: ${formatRatio(help.cpu, node.cpu)} times the CPU time of Node alone, ${formatRatio(help.wall, node.wall)} times its wall time
`);
