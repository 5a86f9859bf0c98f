/**
 * `npm run bench -- --all` runs every bench, one after another, and `npm run bench -- NAME...` some of them; `--list` prints their
 * names. A bench prints Markdown: tables, and a list of ratios with their goals. build/bench.json keeps that, and the same in
 * cells; `node scripts/performance-figures.mjs` puts it into docs/performance.md.
 */

import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOT, readJson, writeJson } from '../scripts/setup/files.mjs';
import { setUp } from '../scripts/setup.mjs';
import { BENCHES, RESULTS } from './benches.mjs';

const IDLE_MILLISECONDS = 2000;

const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean' }, list: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !(name in BENCHES));
if (unknown !== undefined)
  throw new Error(`there is no bench ${unknown}, but ${Object.keys(BENCHES).join(', ')}`);
const names = values.all ? Object.keys(BENCHES) : positionals;
if (values.list) process.stdout.write(`${Object.keys(BENCHES).join('\n')}\n`);
else if (names.length === 0) throw new Error('usage: npm run bench -- --all | --list | NAME...');
else await runAll();

/** Each result is written as soon as it is there. A bench that fails does not keep the next one from running. */
async function runAll() {
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
  const problems = setUp('test');
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const results = values.all ? {} : (readJson(RESULTS) ?? {});
  for (const name of names) {
    process.stdout.write(`\n== ${name}\n\n`);
    results[name] = await runBench(name);
    writeJson(RESULTS, results);
  }
  const failed = names.filter((name) => results[name].error !== undefined);
  for (const name of failed) process.stderr.write(`${name}: ${results[name].error}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

async function runBench(name) {
  const otherWork = await measureOtherWork();
  const start = Date.now();
  const { status, markdown } = await spawnBench(BENCHES[name]);
  const list = cpus();
  return {
    date: new Date(start).toISOString(),
    seconds: Math.round((Date.now() - start) / 1000),
    version: readJson(join(ROOT, 'package.json')).version,
    node: process.version,
    cpu: list[0].model.trim(),
    cpus: list.length,
    otherWork,
    ...(status === 0 ? { markdown, ...parseMarkdown(markdown) } : { error: `exit status ${status}` }),
  };
}

/** Runs a bench. Its output is printed as it comes, too. */
function spawnBench([file, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bench', file), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      // As in .ci/run.
      env: { ...process.env, KEXEC_ORACLE: process.env.KEXEC_ORACLE || '../shared/oracle' },
    });
    let markdown = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      markdown += text;
      process.stdout.write(text);
    });
    child.on('error', reject).on('close', (status) => resolve({ status, markdown: markdown.trim() }));
  });
}

/** The part of the CPUs that was busy just before a bench, by the work of others: 0 to 1. */
async function measureOtherWork() {
  const sum = (list, take) => list.reduce((total, { times }) => total + take(times), 0);
  const countAll = (list) => sum(list, (times) => Object.values(times).reduce((total, time) => total + time));
  const before = cpus();
  await setTimeout(IDLE_MILLISECONDS);
  const after = cpus();
  const idle = sum(after, (times) => times.idle) - sum(before, (times) => times.idle);
  return 1 - idle / (countAll(after) - countAll(before));
}

/** @returns the tables, by columns, with numbers as such; and the items of lists */
function parseMarkdown(markdown) {
  const readCells = (line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  const readValue = (cell) => (/^[\d,]+(\.\d+)?$/.test(cell) ? Number(cell.replaceAll(',', '')) : cell);
  const tables = markdown
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter(({ length }) => length > 0)
    .map(([header, , ...rows]) => ({
      columns: readCells(header),
      rows: rows.map((row) => readCells(row).map(readValue)),
    }));
  return { tables, ratios: Array.from(markdown.matchAll(/^- (.*)$/gm), ([, item]) => item) };
}
