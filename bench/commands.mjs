/**
 * `node bench/commands.mjs FOLDER`: compares commands with those of another build of this project, whose folder is
 * given. Needs the kernels that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { join, resolve } from 'node:path';
import { findKernel } from './kernel.mjs';
import { formatRatio, measureInTurn } from './measure.mjs';

const ROUNDS = 15;

const [other] = process.argv.slice(2);
if (other === undefined) throw new Error('usage: node bench/commands.mjs FOLDER');
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
const lines = Object.entries(COMMANDS).map(([name, args]) => {
  const { node, before, now } = measureInTurn(
    { node: [...TOLERANT, 'node', '-e', '0'], before: run(other, args), now: run('.', args) },
    ROUNDS,
    { measuresPeak: false },
  );
  const figures = [node, before, now].map(({ cpu }) => cpu.toFixed(0));
  const ratios = [formatRatio(now.cpu, node.cpu), formatRatio(now.cpu, before.cpu)];
  return `| \`${name}\` | ${[...figures, ...ratios].join(' | ')} |`;
});
process.stdout.write(`Node ${process.version}, ${ROUNDS} rounds in turn, medians of CPU ms

| command | \`node -e 0\` | before | now | now / Node | now / before |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`);
