import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCrashTools } from '../../support/oracle/crash.js';
import { findOracleVmlinux } from '../../support/oracle/qemu.js';
import { runProgram } from '../../support/programs.js';
import { printProblems, showProgress } from '../report.js';
import { CHECKS } from './checks.js';
import { crashMachine } from './crash.js';
import { askCrash, compareWithMakedumpfile } from './interop.js';
import { type CrashShape, SHAPES } from './machines.js';

/**
 * Makes the oracle crash on some machines, and compares our results on its dumps with those of kexec-tools,
 * makedumpfile, gdb and crash.
 *
 * @returns whether all checks passed
 */
export async function runCrash(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-crash-'));
  try {
    const tools = join(folder, 'tools');
    writeCrashTools(tools);
    const vmlinux = unpackVmlinux(folder);
    const problems: string[] = [];
    for (const [index, shape] of SHAPES.entries()) {
      showProgress(`the oracle has crashed on ${index} of ${SHAPES.length} machines`);
      const found = await checkMachine(shape, join(folder, `machine-${index}`), tools, vmlinux);
      problems.push(...found.map((what) => `${shape.name}: ${what}`));
    }
    showProgress('');
    printProblems('failed checks of crashes', problems);
    process.stdout.write(
      `crashes ${SHAPES.length}, checks of each ${Object.keys(CHECKS).length}, failures ${problems.length}\n`,
    );
    return problems.length === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkMachine(
  shape: CrashShape,
  folder: string,
  tools: string,
  vmlinux: string,
): Promise<string[]> {
  const crash = await crashMachine(shape, folder, tools);
  const problems = Object.entries(CHECKS).flatMap(([name, check]) =>
    check(crash, vmlinux).map((what) => `${name}: ${what}`),
  );
  if (shape.by === 'copy') problems.push(...compareWithMakedumpfile(crash.vmcore));
  if (shape === SHAPES[0]) problems.push(...askCrash(crash.vmcore, vmlinux));
  rmSync(folder, { recursive: true });
  return problems;
}

function unpackVmlinux(folder: string): string {
  const packed = findOracleVmlinux();
  if (!packed.endsWith('.zst')) return packed;
  const unpacked = join(folder, 'vmlinux');
  runProgram('zstd', ['-dq', packed, '-o', unpacked]);
  return unpacked;
}
