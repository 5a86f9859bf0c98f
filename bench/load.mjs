/**
 * Loading Debian's kernel and an initrd of 64 MiB on a machine, against kexec-tools: `npm run bench`. Each runs in a guest
 * whose clock counts instructions (QEMU's -icount: one a nanosecond), so that what else this machine does makes no
 * difference. Every load is the first in its guest: what kexec_load costs in the kernel grows with how many of the pages
 * that are free lie where segments go, and a load that was given back leaves just those.
 * Needs what `npm run setup` fetches. docs/performance.md holds the results.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianKernel, debianShim } from '../scripts/debian.mjs';
import { ratio } from './measure.mjs';
import { loadRig } from './rig.mjs';

const INITRD_BYTES = 64 * 1024 * 1024;
const ROUNDS = 3;
const FILES = '--command-line=quiet --initrd=/initrd /vmlinuz';

const COMMANDS = {
  'node -e 0': 'node -e 0',
  'kexec -c -l': `kexec -c -l ${FILES}`,
  'kexec-file load, permissive': `kexec-file load --syscall segments --policy permissive ${FILES}`,
  'kexec-file load, enforcing': `kexec-file load --syscall segments --keyring /shim ${FILES}`,
};

/** Says how a command ended, its user and system seconds and its peak memory; before it, those of one of known size. */
const script = (command) => `
measure() {
  busybox time -o /tmp/time -f '%x %U %S %M' "$@" > /tmp/output 2>&1 || cat /tmp/output
  echo "run $(tail -n 1 /tmp/time)"
}
measure dd if=/dev/zero of=/dev/null bs=${INITRD_BYTES} count=1
measure ${command}
`;

const kernel = debianKernel('cloud-6.12');
const shim = debianShim();
if (kernel === undefined || shim === undefined) throw new Error('files are missing: run `npm run setup`');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, new Uint8Array(INITRD_BYTES).fill(0x5a));
  const files = { '/vmlinuz': kernel, '/initrd': initrd, '/shim': shim };
  report(await measureAll(files), (statSync(kernel).size + INITRD_BYTES) / 2 ** 20);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Medians of each command: instructions in billions, in user space and in the kernel, and peak memory in MiB. */
async function measureAll(files) {
  const { runGuest } = await loadRig();
  const results = {};
  for (const [name, command] of Object.entries(COMMANDS)) {
    const runs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { output } = await runGuest({
        script: script(command),
        cpus: 1,
        qemu: ['-icount', 'shift=0,sleep=off'],
        packages: ['kexec-tools'],
        files,
      });
      runs.push(readRun(output));
    }
    const medians = Object.keys(runs[0]).map((figure) => [figure, median(runs.map((run) => run[figure]))]);
    results[name] = Object.fromEntries(medians);
  }
  return results;
}

function readRun(output) {
  const [known, run] = Array.from(output.matchAll(/^run 0 (\S+) (\S+) (\S+)$/gm), ([, ...figures]) =>
    figures.map(Number),
  );
  if (run === undefined) throw new Error(`a command failed in the guest:\n${output}`);
  const [user, system, peak] = run;
  // busybox takes the KiB of getrusage(2) for pages; the run of known size tells by how much it multiplies.
  const unit = Math.round((known[2] * 1024) / INITRD_BYTES);
  return { user, system, peak: peak / unit / 1024 };
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(results, mebibytes) {
  const rows = Object.entries(results).map(
    ([name, { user, system, peak }]) =>
      `| \`${name}\` | ${user.toFixed(2)} | ${system.toFixed(2)} | ${peak.toFixed(0)} |`,
  );
  const { 'kexec -c -l': theirs, 'kexec-file load, enforcing': ours } = results;
  const sum = ({ user, system }) => user + system;
  process.stdout.write(`A guest for each run, ${ROUNDS} runs, medians; files of ${mebibytes.toFixed(0)} MiB

| process | 10⁹ instructions, user | kernel | peak MiB |
| --- | --- | --- | --- |
${rows.join('\n')}

- load: ${ratio(sum(ours), sum(theirs))} times the instructions of kexec-tools, in user space ${ratio(ours.user, theirs.user)} times
- peak memory: ${ratio(ours.peak, theirs.peak)} times that of kexec-tools
`);
}
