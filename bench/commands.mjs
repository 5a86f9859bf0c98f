/**
 * `npm run bench -- commands`, or `node bench/commands.mjs [FOLDER]`: compares commands with the start of Node, and with those of another build of this project,
 * whose folder is given. Needs the kernels that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { join, resolve } from 'node:path';
import { formatTable } from '../scripts/markdown-figures.mjs';
import { findKernel } from './kernel.mjs';
import { formatRatio, measureInTurn } from './measure.mjs';

const ROUNDS = 9;

const [other] = process.argv.slice(2);
const kernel = findKernel();
const COMMANDS = {
  '--help': ['--help'],
  '--version': ['--version'],
  plan: ['plan', kernel, '--machine', 'qemu-virt'],
  'plan --json': ['plan', kernel, '--machine', 'qemu-virt', '--json'],
  verify: ['verify', kernel],
  inspect: ['inspect', kernel],
};

/** Without a key, `verify` refuses. */
const TOLERANT = ['sh', '-c', '"$@"; test $? -le 1', 'sh'];

const run = (folder, args) => [...TOLERANT, 'node', join(resolve(folder), 'bin/kexec-file.js'), ...args];
const NODE = 'node -e 0';
const rows = Object.entries(COMMANDS).map(([name, args]) => {
  const results = measureInTurn(
    {
      [NODE]: [...TOLERANT, 'node', '-e', '0'],
      ...(other === undefined ? {} : { before: run(other, args) }),
      now: run('.', args),
    },
    ROUNDS,
    { measuresPeak: false },
  );
  const { now, ...others } = results;
  return [
    `\`${name}\``,
    ...Object.values(results).map(({ cpu }) => cpu.toFixed(0)),
    ...Object.values(others).map(({ cpu }) => formatRatio(now.cpu, cpu)),
  ];
});
const before = other === undefined ? [] : ['before'];
process.stdout.write(`${ROUNDS} rounds in turn, medians of CPU ms

${formatTable(['command', `\`${NODE}\``, ...before, 'now', 'now / Node', ...before.map(() => 'now / before')], rows)}
`);
