import { spawnSync } from 'node:child_process';

/** Loaded into every Node process that is measured: reports its peak memory, in KiB, on file descriptor 3 as it ends. */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   import { isMainThread } from 'node:worker_threads';
   if (isMainThread) process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`,
)}`;

/** bash times its command, user and system seconds of all processes in it. */
const TIME = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>/dev/null';

/**
 * Runs commands in turn (A B A B …), one uncounted round first, and gives each one's medians: wall and CPU time in
 * milliseconds, and peak memory in MiB where it is a Node process. In turn, so that a machine that speeds up or slows
 * down does so for all.
 *
 * @param commands - program and arguments by name
 * @param rounds - counted rounds
 */
export function measureInTurn(commands, rounds) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      const run = runOnce(command);
      if (round > 0) runs[name].push(run);
    }
  }
  const medians = (list) =>
    Object.fromEntries(
      Object.keys(list[0]).map((figure) => [figure, median(list.map((run) => run[figure]))]),
    );
  return Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, medians(list)]));
}

function runOnce(command) {
  const { status, output, error } = spawnSync('bash', ['-c', TIME, 'bash', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--import=${REPORT_PEAK}`, LC_ALL: 'C' },
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${command.join(' ')}: ${error ?? `exit code ${status}`}`);
  const [wall, user, system] = output[2].trim().split(' ').map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000, peak: Number(output[3]) / 1024 };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** What was measured, as a table in Markdown. */
export function resultsTable(results) {
  const rows = Object.entries(results).map(
    ([name, { wall, cpu, peak }]) =>
      `| \`${name}\` | ${wall.toFixed(0)} | ${cpu.toFixed(0)} | ${peak > 0 ? peak.toFixed(0) : ''} |`,
  );
  return ['| process | wall ms | CPU ms | peak MiB |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function ratio(a, b) {
  return (a / b).toFixed(2);
}
