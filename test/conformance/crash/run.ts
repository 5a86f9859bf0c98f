import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCrashTools } from '../../support/oracle/crash.js';
import { findVmlinux, type Oracle } from '../../support/oracle/oracle.js';
import { runProgram } from '../../support/programs.js';
import { chooseNamed } from '../choose-named.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems, showProgress } from '../report.js';
import { CHECKS } from './checks.js';
import { type Crash, crashMachine } from './crash.js';
import { type DebugLayout, readDebugLayout } from './debug-layout.js';
import { askReaders, compareWithMakedumpfile, isReadByMakedumpfile } from './interop.js';
import { type CrashShape, SHAPES } from './machines.js';
import { compareWithStructPages } from './reference.js';
import { saveDumps } from './saved-dumps.js';

/** The oracle, its vmlinux and what this says of `struct page`, and the number of dumps that were compared with what. */
interface Crashing {
  readonly oracle: Oracle;
  readonly vmlinux: string;
  readonly layout: DebugLayout;
  readonly compared: { structPages: number; makedumpfile: number };
}

/**
 * Makes the oracle crash on some machines, and compares our results on its dumps with those of kexec-tools,
 * makedumpfile, gdb and crash.
 *
 * @returns whether all checks passed
 */
export async function runCrash(oracle: Oracle, options: ConformanceOptions): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-crash-'));
  try {
    const tools = join(folder, 'tools');
    writeCrashTools(tools);
    const vmlinux = unpackVmlinux(oracle, folder);
    const compared = { structPages: 0, makedumpfile: 0 };
    const crashing = { oracle, vmlinux, layout: readDebugLayout(vmlinux), compared };
    const problems: string[] = [];
    const shapes = chooseShapes(options);
    for (const [index, shape] of shapes.entries()) {
      showProgress(`Linux ${oracle.release} has crashed on ${index} of ${shapes.length} machines`);
      const found = await checkMachine(shape, join(folder, `machine-${index}`), tools, crashing);
      problems.push(...found.map((what) => `${shape.name}: ${what}`));
    }
    showProgress('');
    printProblems('failed checks of crashes', problems);
    process.stdout.write(
      `Linux ${oracle.release}: crashes ${shapes.length}, checks of each ${Object.keys(CHECKS).length}, ` +
        `filtered as by struct page ${compared.structPages}, by makedumpfile ${compared.makedumpfile}, ` +
        `failures ${problems.length}\n`,
    );
    return problems.length === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function chooseShapes({ all, machines }: ConformanceOptions): readonly CrashShape[] {
  const isSelection = !all && machines === undefined;
  return isSelection ? SHAPES.filter(({ inEveryRun }) => inEveryRun) : chooseNamed(SHAPES, machines);
}

async function checkMachine(
  shape: CrashShape,
  folder: string,
  tools: string,
  crashing: Crashing,
): Promise<string[]> {
  const { oracle, vmlinux } = crashing;
  const crash = await crashMachine(oracle, shape, folder, tools);
  const problems = Object.entries(CHECKS).flatMap(([name, check]) =>
    check(crash, vmlinux).map((what) => `${name}: ${what}`),
  );
  if (shape.by === 'copy') problems.push(...compareSelections(crash, crashing));
  if (shape === SHAPES[0]) problems.push(...askReaders(crash.vmcore, vmlinux));
  rmSync(folder, { recursive: true });
  return problems;
}

/** Compares the pages that filters leave out with those of makedumpfile, if it knows the kernel, and of the kernel. */
function compareSelections({ vmcore }: Crash, { layout, compared }: Crashing): string[] {
  saveDumps(vmcore);
  const problems = compareWithStructPages(vmcore, layout);
  compared.structPages += 1;
  if (!isReadByMakedumpfile(vmcore)) return problems;
  compared.makedumpfile += 1;
  return [...problems, ...compareWithMakedumpfile(vmcore)];
}

function unpackVmlinux(oracle: Oracle, folder: string): string {
  const packed = findVmlinux(oracle);
  if (!packed.endsWith('.zst')) return packed;
  const unpacked = join(folder, 'vmlinux');
  runProgram('zstd', ['-dq', packed, '-o', unpacked]);
  return unpacked;
}
