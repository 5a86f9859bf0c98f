/**
 * `npm run bench -- start`: compares the command's shortest answers with the start of Node. The results are in
 * docs/performance.md.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { platformPackages } from '../scripts/platform-packages.mjs';
import { formatGoal, formatRatio, formatResults, measureInTurn } from './measure.mjs';

const KEXEC_FILE = ['node', 'bin/kexec-file.js'];
const ROUNDS = 61;

/** The executable for this machine, and the Node that it contains: `npm run executable` builds and fetches them. */
const EXECUTABLE = `build/executable/kexec-file-linux-${process.arch}`;
const packages = platformPackages('executable', process.arch);
if (packages === undefined || !existsSync(EXECUTABLE)) throw new Error('run `npm run executable`');
const NODE = join(packages, `node_modules/node-linux-${process.arch}/bin/node`);

const results = measureInTurn(
  {
    "executable's node -e 0": [NODE, '-e', '0'],
    'executable --version': [EXECUTABLE, '--version'],
    'executable --help': [EXECUTABLE, '--help'],
    'node -e 0': ['node', '-e', '0'],
    'kexec-file --version': [...KEXEC_FILE, '--version'],
    'kexec-file --help': [...KEXEC_FILE, '--help'],
  },
  ROUNDS,
  { measuresPeak: false },
);
const itsNode = execFileSync(NODE, ['--version'], { encoding: 'utf8' }).trim();
const own = results["executable's node -e 0"];
const started = results['executable --version'];
const { 'node -e 0': node, 'kexec-file --version': version, 'kexec-file --help': help } = results;
process.stdout.write(`${ROUNDS} rounds in turn, medians; the executable with Node ${itsNode}

${formatResults(results)}

- \`--version\`: ${ofNode(version, node, 1.15)}, ${formatRatio(version.wall, node.wall)} times its wall time
- \`--help\`: ${ofNode(help, node, 1.15)}, ${formatRatio(help.wall, node.wall)} times its wall time
- the executable's \`--version\`: ${ofNode(started, own, 1.1)}
- size of the executable: ${(statSync(EXECUTABLE).size / 1e6).toFixed(0)} MB
`);

function ofNode({ cpu }, node, goal) {
  return `${formatRatio(cpu, node.cpu)} times the CPU time of its Node alone ${formatGoal(cpu / node.cpu, goal)}`;
}
