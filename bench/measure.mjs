import { spawnSync } from 'node:child_process';

/** Loaded into every measured process: reports its peak memory, in KiB, on file descriptor 3 as it ends. */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));`,
)}`;

/**
 * Runs node processes in turn (A B A B …), one uncounted round first, and gives each one's median wall time in
 * milliseconds and median peak memory in MiB. In turn, so that a machine that speeds up or slows down does so for all.
 *
 * @param commands - arguments of node by name
 * @param rounds - counted rounds
 */
export function measureInTurn(commands, rounds) {
  const runs = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, args] of Object.entries(commands)) {
      const run = runOnce(args);
      if (round > 0) runs[name].push(run);
    }
  }
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [
      name,
      {
        milliseconds: median(list.map((run) => run.milliseconds)),
        mebibytes: median(list.map((run) => run.mebibytes)),
      },
    ]),
  );
}

function runOnce(args) {
  const start = process.hrtime.bigint();
  const { status, output, error } = spawnSync(process.execPath, ['--import', REPORT_PEAK, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (error !== undefined || status !== 0) throw new Error(`node ${args.join(' ')}: ${error ?? output[2]}`);
  return { milliseconds, mebibytes: Number(output[3]) / 1024 };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** A table in Markdown. @param rows - cells by column, the header's first */
export function table(rows) {
  const [header, ...body] = rows.map((cells) => `| ${cells.join(' | ')} |`);
  return [header, header.replace(/[^|]+/g, ' --- '), ...body].join('\n');
}
