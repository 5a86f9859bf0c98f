/**
 * Saves a dump of 1 GiB in a capture kernel, by makedumpfile and by this project, from /proc/vmcore. The guest's clock
 * counts instructions (QEMU's -icount: one per nanosecond), so that other work of this machine makes no difference:
 *
 *     KEXEC_ORACLE=DIR npm run bench -- capture
 *
 * Needs the oracle (docs/conformance.md) and the files that `npm run setup` fetches. The results are in
 * docs/performance.md.
 */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { formatGoal, formatRatio } from './measure.mjs';

const KNOWN_BYTES = 32 << 20;
const EXECUTABLE = 'build/executable/kexec-file-linux-arm64';

/** The commands by their names in the table; each is run with the path of a new file behind it. */
const COMMANDS = {
  'makedumpfile -c -d 31': 'makedumpfile -c -d 31 /proc/vmcore',
  'makedumpfile -l -d 31': 'makedumpfile -l -d 31 /proc/vmcore',
  'node -e 0': 'node -e 0',
  'package, save --filter all': 'kexec-file vmcore save /proc/vmcore --filter all -o',
  'executable, save --filter all': '/tools/executable vmcore save /proc/vmcore --filter all -o',
  'executable, --compress lzo': '/tools/executable vmcore save /proc/vmcore --filter all --compress lzo -o',
  'executable, --compress zstd': '/tools/executable vmcore save /proc/vmcore --filter all --compress zstd -o',
  'executable as makedumpfile -c -d 31': '/tools/drop-in/makedumpfile -c -d 31 /proc/vmcore',
  'executable as makedumpfile -l -d 31': '/tools/drop-in/makedumpfile -l -d 31 /proc/vmcore',
};

/** Prints a command's exit code, user and system seconds and peak memory, after those of a command of known size. */
const CAPTURE = `
measure() {
  busybox time -o /tmp/time -f '%x %U %S %M' "$@" >/tmp/output 2>&1 || cat /tmp/output
  echo "run $(tail -n 1 /tmp/time)"
  rm -f /tmp/dump /tmp/dump.sha256
}
measure dd if=/proc/vmcore of=/tmp/dump bs=${KNOWN_BYTES} count=1
${Object.values(COMMANDS)
  .map((command) => `measure ${command} /tmp/dump`)
  .join('\n')}
`;

const load = (source, name) => loadBundled(source, `build/bench/${name}.mjs`);
const { findOracle } = await load('test/support/oracle/oracle.ts', 'oracle');
const { crashOracle, writeCrashTools } = await load('test/support/oracle/crash.ts', 'tools');

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const [tools, share] = [join(folder, 'tools'), join(folder, 'share')];
  writeCrashTools(tools, ['makedumpfile']);
  mkdirSync(join(tools, 'drop-in'));
  for (const name of ['executable', 'drop-in/makedumpfile']) copyFileSync(EXECUTABLE, join(tools, name));
  mkdirSync(share);
  const output = await crashOracle({
    oracle: findOracle('6.12'),
    machine: [
      ...['-M', 'virt', '-cpu', 'cortex-a57', '-m', '1G', '-smp', '1'],
      ...['-icount', 'shift=0,sleep=off'],
    ],
    append: 'crashkernel=384M',
    share,
    tools,
    scripts: {
      crash: `
        kexec-file load kernel --initrd initrd --panic --policy permissive \\
          --command-line 'console=ttyAMA0 loglevel=1 panic=-1 stage=capture nr_cpus=1 reset_devices'
        cp /tools/usr/bin/node /tmp/file
        node -e 'globalThis.kept = Buffer.alloc(64 << 20, 7); setTimeout(() => {}, 1e9)' &
        sleep 3
        sync
        echo c >/proc/sysrq-trigger`,
      capture: CAPTURE,
    },
  });
  report(output);
} finally {
  rmSync(folder, { recursive: true });
}

function report(output) {
  const [known, ...runs] = Array.from(output.matchAll(/^run 0 (\S+) (\S+) (\S+)$/gm), ([, ...figures]) =>
    figures.map(Number),
  );
  if (runs.length !== Object.keys(COMMANDS).length)
    throw new Error(`a command failed in the guest:\n${output}`);
  // busybox takes the KiB of getrusage(2) for pages. The run of known size shows the factor.
  const unit = Math.round((known[2] * 1024) / KNOWN_BYTES);
  const results = Object.keys(COMMANDS).map((name, index) => {
    const [user, system, peak] = runs[index];
    return { name, user, system, sum: user + system, peak: peak / unit / 1024 };
  });
  const find = (wanted) => results.find(({ name }) => name === wanted);
  const compare = (option) => {
    const [ours, theirs] = [
      find(`executable as makedumpfile ${option} -d 31`),
      find(`makedumpfile ${option} -d 31`),
    ];
    return `${formatRatio(ours.sum, theirs.sum)} times makedumpfile's instructions ${formatGoal(ours.sum / theirs.sum, 1.5)}`;
  };
  const most = Math.max(...results.map(({ peak }) => peak));
  process.stdout.write(`| process | 10⁹ instructions, user | kernel | peak MiB |
| --- | --- | --- | --- |
${results
  .map(
    ({ name, user, system, peak }) =>
      `| \`${name}\` | ${user.toFixed(2)} | ${system.toFixed(2)} | ${peak.toFixed(0)} |`,
  )
  .join('\n')}

- zlib: ${compare('-c')}
- lzo: ${compare('-l')}
- peak memory: at most ${most.toFixed(0)} MiB ${formatGoal(most, 100, ' MiB')}
`);
}
