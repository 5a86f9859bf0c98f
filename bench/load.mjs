/**
 * `npm run bench -- load`: loads Debian's kernel and an initrd of 64 MiB, by this project and by kexec-tools; `load-x86`
 * (`node bench/load.mjs x86_64`) does so with the kernel for x86_64. Each load runs in a guest whose clock counts instructions (QEMU's -icount: one per nanosecond), so that other work of this machine
 * makes no difference. Every load is the first in its guest: the cost of kexec_load in the kernel grows with the number
 * of free pages at the destinations of segments, and a load that was unloaded leaves exactly such pages. Needs the
 * files that `npm run setup` fetches. The results are in docs/performance.md.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianShim } from '../scripts/debian.mjs';
import { findKernel } from './kernel.mjs';
import { formatGoal, formatRatio, median } from './measure.mjs';
import { loadGuestRig } from './rig.mjs';

const INITRD_BYTES = 64 * 1024 * 1024;
const FILES = '--command-line=quiet --initrd=/initrd /vmlinuz';

/**
 * By architecture: Debian's kernel and kexec-tools (keys of scripts/debian.mjs), the instructions that a load by the executable may
 * take, in those of kexec-tools, how often each command is measured (instructions hardly vary, and a guest for x86_64 takes half a
 * minute), and the commands of kexec_file_load(2), which Debian's kernels for arm64 lack.
 */
const PLATFORMS = {
  arm64: { kernel: 'cloud-6.12', kexecTools: 'kexec-tools', goal: 0.2, rounds: 3, fileCommands: {} },
  x86_64: {
    kernel: 'cloud-6.12:amd64',
    kexecTools: 'kexec-tools:amd64',
    goal: 0.3,
    rounds: 1,
    fileCommands: {
      'kexec -s -l': `kexec -s -l ${FILES}`,
      'kexec-file load, --syscall file': `kexec-file load --syscall file --policy as-kernel ${FILES}`,
    },
  },
};

const COMMANDS = {
  'node -e 0': 'node -e 0',
  'kexec -c -l': `kexec -c -l ${FILES}`,
  'kexec-file load, permissive': `kexec-file load --syscall segments --policy permissive ${FILES}`,
  'kexec-file load, enforcing': `kexec-file load --syscall segments --keyring /shim ${FILES}`,
};

/** The command that runs as the executable, instead of the package. */
const EXECUTABLE = 'executable, load, enforcing';
COMMANDS[EXECUTABLE] = COMMANDS['kexec-file load, enforcing'];

/**
 * Prints a command's exit code, user and system seconds, and peak memory, and before it those of a command of known
 * size.
 */
const buildScript = (command) => `
measure() {
  busybox time -o /tmp/time -f '%x %U %S %M' "$@" > /tmp/output 2>&1 || cat /tmp/output
  echo "run $(tail -n 1 /tmp/time)"
}
measure dd if=/dev/zero of=/dev/null bs=${INITRD_BYTES} count=1
measure ${command}
`;

const [architecture = 'arm64'] = process.argv.slice(2);
const platform = PLATFORMS[architecture];
if (platform === undefined) throw new Error(`the architectures are ${Object.keys(PLATFORMS).join(', ')}`);
const commands = { ...COMMANDS, ...platform.fileCommands };

const kernel = findKernel(platform.kernel);
const shim = debianShim();
if (shim === undefined) throw new Error('no shim in the cache: run `npm run setup`');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, new Uint8Array(INITRD_BYTES).fill(0x5a));
  const files = { '/vmlinuz': kernel, '/initrd': initrd, '/shim': shim };
  report(await measureAll(files), (statSync(kernel).size + INITRD_BYTES) / 2 ** 20);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The medians of each command: billions of instructions, in user space and in the kernel, and peak memory in MiB. */
async function measureAll(files) {
  const { runGuest } = await loadGuestRig();
  const results = {};
  for (const [name, command] of Object.entries(commands)) {
    const runs = [];
    for (let round = 0; round < platform.rounds; round += 1) {
      const { output } = await runGuest({
        kernel: platform.kernel,
        script: buildScript(command),
        cpus: 1,
        qemu: ['-icount', 'shift=0,sleep=off'],
        packages: [platform.kexecTools],
        program: name === EXECUTABLE ? 'executable' : 'node',
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
  // busybox takes the KiB of getrusage(2) for pages. The run of known size shows the factor.
  const unit = Math.round((known[2] * 1024) / INITRD_BYTES);
  return { user, system, peak: peak / unit / 1024 };
}

function report(results, mebibytes) {
  const rows = Object.entries(results).map(
    ([name, { user, system, peak }]) =>
      `| \`${name}\` | ${user.toFixed(2)} | ${system.toFixed(2)} | ${peak.toFixed(0)} |`,
  );
  const { 'kexec -c -l': theirs, 'kexec-file load, enforcing': ours, [EXECUTABLE]: executable } = results;
  const sum = ({ user, system }) => user + system;
  process.stdout.write(`A guest for each run, runs: ${platform.rounds}, medians; files of ${mebibytes.toFixed(0)} MiB

| process | 10⁹ instructions, user | kernel | peak MiB |
| --- | --- | --- | --- |
${rows.join('\n')}

- the package's load: ${formatRatio(sum(ours), sum(theirs))} times the instructions of kexec-tools, in user space ${formatRatio(ours.user, theirs.user)} times
- the executable's load: ${formatRatio(sum(executable), sum(theirs))} times the instructions of kexec-tools ${formatGoal(sum(executable) / sum(theirs), platform.goal)}, in user space ${formatRatio(executable.user, theirs.user)} times
- peak memory: ${formatRatio(ours.peak, theirs.peak)} times that of kexec-tools
`);
}
