import { spawnSync } from 'node:child_process';
import { formatTable } from '../scripts/markdown-figures.mjs';

/**
 * A module that every measured Node process loads: at its end it writes its peak memory in KiB to file descriptor 3.
 */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   import { isMainThread } from 'node:worker_threads';
   if (isMainThread) process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`,
)}`;

/** A bash script that runs its arguments and prints the seconds: wall clock, user, system, of all their processes. */
const TIMED = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>/dev/null';

/**
 * Runs commands in turn (A B A B …), so that a change in the machine's speed affects all of them. The first round is
 * not counted.
 *
 * @param commands - program and arguments, by name
 * @param rounds - number of counted rounds
 * @param measuresPeak - whether Node processes load a module that reports their memory, which takes a few milliseconds
 * @param mayAbort - the names of peers' commands that sometimes end by a signal: such a run is made again
 * @returns the medians of each command, by name: wall and CPU time in milliseconds, and peak memory in MiB, NaN if it
 *   is not a Node process; and how many of its runs ended by a signal
 */
export function measureInTurn(commands, rounds, { measuresPeak = true, mayAbort = [] } = {}) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  const aborts = Object.fromEntries(Object.keys(commands).map((name) => [name, 0]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      let run = runOnce(command, measuresPeak);
      while (run.signal !== undefined && mayAbort.includes(name) && aborts[name] < rounds) {
        aborts[name] += 1;
        run = runOnce(command, measuresPeak);
      }
      if (run.signal !== undefined) throw new Error(`${command.join(' ')}: signal ${run.signal}`);
      if (round > 0) runs[name].push(run);
    }
  }
  const medians = (list) =>
    Object.fromEntries(
      ['wall', 'cpu', 'peak'].map((figure) => [figure, median(list.map((run) => run[figure]))]),
    );
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [name, { ...medians(list), aborts: aborts[name] }]),
  );
}

/** What a shell adds to the number of the signal that ended a command. */
const SIGNALLED = 128;

/** @returns wall and CPU time in milliseconds, and peak memory in MiB; or the signal that ended the command */
function runOnce(command, measuresPeak) {
  const { status, output, error } = spawnSync('bash', ['-c', TIMED, 'bash', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: {
      ...process.env,
      ...(measuresPeak ? { NODE_OPTIONS: `--import=${REPORT_PEAK}` } : {}),
      LC_ALL: 'C',
    },
  });
  if (status > SIGNALLED) return { signal: status - SIGNALLED };
  if (error !== undefined || status !== 0)
    throw new Error(`${command.join(' ')}: ${error ?? `exit code ${status}`}`);
  const [wall, user, system] = output[2].trim().split(' ').map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000, peak: Number(output[3]) / 1024 };
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Formats the results of measureInTurn() as a table in Markdown. */
export function formatResults(results) {
  const hasPeaks = Object.values(results).some(({ peak }) => peak > 0);
  const rows = Object.entries(results).map(([name, { wall, cpu, peak }]) => [
    `\`${name}\``,
    wall.toFixed(0),
    cpu.toFixed(0),
    ...(hasPeaks ? [peak > 0 ? peak.toFixed(0) : ''] : []),
  ]);
  return formatTable(['process', 'wall ms', 'CPU ms', ...(hasPeaks ? ['peak MiB'] : [])], rows);
}

export function formatRatio(a, b) {
  return (a / b).toFixed(2);
}

/**
 * Says what the goal of a figure is, and whether it was missed.
 *
 * @param goal - the most that the figure may be
 * @param unit - is printed behind the goal
 */
export function formatGoal(figure, goal, unit = '') {
  return `(goal: ${goal}${unit}${figure <= goal ? '' : ', **not met**'})`;
}
