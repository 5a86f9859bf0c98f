/**
 * `npm run bench:inspector`: what a user of the inspector waits for, in Chromium, from the file of the page. Needs the kernels
 * that `npm run setup` fetches. The results are in docs/performance.md.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { debianShim } from '../scripts/debian.mjs';
import { loadBundled } from '../scripts/load-bundled.mjs';
import { findKernel } from './kernel.mjs';
import { median } from './measure.mjs';

const { startChromium } = await loadBundled('test/support/chromium-browser.ts', 'build/bench/chromium.mjs');
const { writeShapeFiles } = await loadBundled('test/support/shape-fleet.ts', 'build/bench/shape-fleet.mjs');

const PAGE = 'dist/inspector.html';
const ROUNDS = 9;
const DUMP_BYTES = 4 * 2 ** 30;
const MACHINES = 10_000;
const SHAPES = 1000;
const FLEET_ROUNDS = 3;

/** Runs a measurement in browsers of its own, one for each round. @returns the median of each figure */
async function measure(run, count = ROUNDS) {
  const rounds = [];
  for (let round = 0; round < count; round += 1) {
    const browser = startChromium();
    try {
      const page = browser.newPage();
      await page.open(PAGE, { scripts: true, width: 1280 });
      rounds.push(await run(page, browser.process.pid));
    } finally {
      await browser.close();
    }
  }
  const names = Object.keys(rounds[0]);
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((figures) => figures[name]))]));
}

/**
 * Chooses files, and waits until something is shown.
 *
 * @param shown - an expression, which is true then
 * @param browser - its process
 * @returns milliseconds from the event that brings the files to the page, and of CPU time of all processes of the browser
 */
async function measureUntil(page, browser, paths, shown) {
  const before = countCpu(browser);
  await page.evaluate(`window.measured = new Promise((resolve) => {
    document.addEventListener('change', () => {
      const start = performance.now();
      const look = () => { if (${shown}) requestAnimationFrame(() => resolve(performance.now() - start)); };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    }, { capture: true, once: true });
  }); 0`);
  await page.chooseFiles('#files', paths);
  const wall = await page.evaluate('window.measured');
  return { wall, cpu: countCpu(browser) - before };
}

/**
 * Drops a kernel and a folder of machines, and waits until the kernel is planned on all of them.
 *
 * @returns as measureUntil(); and the longest task of the page's main thread in milliseconds, from the drop on
 */
async function measureFleet(page, browser, paths) {
  const before = countCpu(browser);
  await page.evaluate(`window.measured = new Promise((resolve) => {
    let longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: 'longtask' });
    document.addEventListener('drop', () => {
      const start = performance.now();
      const isDone = () => [...document.querySelectorAll('section.view[aria-busy=false] > .outcome')]
        .some((one) => one.textContent.startsWith('${MACHINES.toLocaleString('en')} machines'));
      const look = () => { if (isDone()) requestAnimationFrame(() => resolve({ wall: performance.now() - start, longest })); };
      setInterval(look, 100);
    }, { capture: true, once: true });
  }); 0`);
  await page.drop(paths);
  const figures = await page.evaluate('window.measured');
  return { ...figures, cpu: countCpu(browser) - before };
}

function countCpu(browser) {
  return listProcesses()
    .filter(({ group }) => group === browser)
    .reduce((sum, { cpu }) => sum + cpu, 0);
}

/** The most memory that the process of a page has had, in MiB. @param browser - its process */
function readPeak(browser) {
  const peaks = listProcesses()
    .filter(({ group, command }) => group === browser && command.includes('--type=renderer'))
    .map(({ pid }) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]));
  return Math.max(...peaks) / 1024;
}

/** The processes of a group: a browser and all that it starts are one. */
function listProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // proc_pid_stat(5): pgrp, utime and stime, in hundredths of a second.
        const [group, user, system] = [fields[2], fields[11], fields[12]].map(Number);
        return [
          { pid, group, cpu: 10 * (user + system), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') },
        ];
      } catch {
        return [];
      }
    });
}

const folder = mkdtempSync(join(tmpdir(), 'kexec-file-bench-'));
try {
  const kernel = findKernel();
  const shim = join(folder, 'shim.efi');
  copyFileSync(debianShim(), shim);
  const dump = join(folder, 'vmcore');
  writeFileSync(dump, gunzipSync(readFileSync('test/data/vmcore/linux-6.12-48bit.vmcore.gz')));
  truncateSync(dump, DUMP_BYTES);

  const paint = await measure(async (page, browser) => ({
    wall: await page.evaluate(`new Promise((resolve) => new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime);
    }).observe({ type: 'paint', buffered: true }))`),
    cpu: countCpu(browser),
  }));
  const verdict = await measure((page, browser) =>
    measureUntil(
      page,
      browser,
      [kernel, shim],
      `[...document.querySelectorAll('section.view')].some((view) =>
        view.querySelector('h2').textContent.startsWith('Signature') && view.querySelector('.outcome'))`,
    ),
  );
  const log = await measure(async (page, browser) => {
    const before = readPeak(browser);
    const times = await measureUntil(page, browser, [dump], `document.querySelector('textarea.log')`);
    return { ...times, before, peak: readPeak(browser) };
  });
  const machines = join(folder, 'machines');
  mkdirSync(machines);
  writeShapeFiles(machines, MACHINES, SHAPES);
  const fleet = await measure(
    (page, browser) => measureFleet(page, browser, [kernel, machines]),
    FLEET_ROUNDS,
  );
  const format = (number) => Math.round(number).toLocaleString('en');
  const formatRow = (from, to, { wall, cpu }, goal) =>
    `| ${from} | ${to} | ${format(wall)} | ${format(cpu)} | ${goal} |\n`;
  const kernelSize = format(statSync(kernel).size / 2 ** 20);
  process.stdout.write(`| from | to | wall ms | CPU ms | goal, wall ms |
| --- | --- | --- | --- | --- |
${formatRow('opening the page from its file, with the start of the browser in the CPU time', 'its first paint', paint, '300')}\
${formatRow(`choosing a signed kernel of ${kernelSize} MiB and a shim`, 'the verdict', verdict, '1,000')}\
${formatRow('choosing a dump of 4 GiB', 'its log', log, '3,000')}\
${formatRow(`dropping a kernel and a folder of ${format(MACHINES)} machines of ${format(SHAPES)} shapes`, 'the verdict on each', fleet, '30,000')}
The process of the page with the dump had at most ${format(log.peak)} MiB of memory, ${format(log.before)} before.
With the machines, the longest task of its main thread took ${format(fleet.longest)} ms (goal: 100).
`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
