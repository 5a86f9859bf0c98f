import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../setup/files.mjs';
import { fuzzerCommand } from './fuzzer.mjs';

/** What an input may take, in seconds: 2 in code that is not instrumented, which takes two fifths of the time. */
const MAX_SECONDS = 5;

/** What the process may take, in MiB: 300 for an input, beside Node, the fuzzer, and what has not been collected yet. */
const MAX_MEMORY = 300 + 700;

/** The size of V8's heap, in MiB, so that memory is collected before it counts as an input's. */
const HEAP = 512;

/** The longest input, in bytes. */
const MAX_LENGTH = 4096;

/** How much of the end of the output a finding shows, in lines. */
const SHOWN_LINES = 25;

/**
 * Fuzzes one target.
 *
 * @param run - `name` of the target, its `bundle`, `inputs`: the folder of the corpus, which grows, `findings`: the
 *   folder for inputs that find something, `seconds`, and whether the target `isAsync`
 * @returns what was executed, and `finding`: the end of the output if there is one
 */
export function runFuzzer({ name, bundle, inputs, findings, seconds, isAsync = false }) {
  const [program, ...first] = fuzzerCommand();
  const own = [
    ...['--disableBugDetectors', '.*'],
    ...['-i', 'build/fuzz/'],
    ...['--timeout', `${MAX_SECONDS * 1000}`],
    ...(isAsync ? [] : ['--sync']),
  ];
  const libFuzzer = [
    `-max_total_time=${seconds}`,
    `-rss_limit_mb=${MAX_MEMORY}`,
    `-max_len=${MAX_LENGTH}`,
    `-artifact_prefix=${join(findings, `${name}-`)}`,
    '-print_final_stats=1',
    '-reduce_inputs=1',
  ];
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, bundle, inputs, ...own, '--', ...libFuzzer], {
      cwd: ROOT,
      env: {
        ...process.env,
        KEXEC_FUZZ_TARGET: name,
        NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const read = (bytes) => {
      // Only the end is of use, and a fuzzer says a lot.
      output = (output + bytes).slice(-65_536);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', (status) => {
      const executions = findNumber(output, /stat::number_of_executed_units:\s*(\d+)/);
      const lines = output.trimEnd().split('\n').slice(-SHOWN_LINES);
      resolve({
        executions: executions || findNumber(output, /Done (\d+) runs/) || findNumber(output, /^#(\d+)\t/gm),
        seconds: Math.round((Date.now() - started) / 1000),
        edges: findNumber(output, /cov: (\d+)/g),
        inputs: findNumber(output, /corp: (\d+)\//g),
        ...(status === 0 ? {} : { finding: `${name} (exit status ${status})\n${lines.join('\n')}` }),
      });
    });
  });
}

/** The last number that a pattern finds; 0 if there is none. */
function findNumber(text, pattern) {
  const found = pattern.global ? [...text.matchAll(pattern)].at(-1) : pattern.exec(text);
  return Number(found?.[1] ?? 0);
}
