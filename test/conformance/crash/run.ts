import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashTools } from '../../support/oracle/crash.js';
import { oracleVmlinux } from '../../support/oracle/qemu.js';
import { output } from '../../support/programs.js';
import { say, tell } from '../report.js';
import { CHECKS } from './checks.js';
import { crashMachine } from './crash.js';
import { askCrash, compareWithMakedumpfile } from './interop.js';
import { type CrashShape, SHAPES } from './machines.js';

/**
 * Has the oracle crash on some machines, and holds what the capture kernel found there against what kexec-tools,
 * makedumpfile, gdb and crash make of it.
 *
 * @returns whether everything is as it has to be
 */
export async function runCrash(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-crash-'));
  try {
    const tools = join(folder, 'tools');
    crashTools(tools);
    const vmlinux = unpackVmlinux(folder);
    const problems: string[] = [];
    for (const [index, shape] of SHAPES.entries()) {
      say(`the oracle has crashed on ${index} of ${SHAPES.length} machines`);
      const found = await checkMachine(shape, join(folder, `machine-${index}`), tools, vmlinux);
      problems.push(...found.map((what) => `${shape.name}: ${what}`));
    }
    say('');
    tell('what a crash left', problems);
    process.stdout.write(
      `crashes ${SHAPES.length}, each looked at in ${Object.keys(CHECKS).length} ways; not as it has to be ${problems.length}\n`,
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
  const packed = oracleVmlinux();
  if (!packed.endsWith('.zst')) return packed;
  const unpacked = join(folder, 'vmlinux');
  output('zstd', ['-dq', packed, '-o', unpacked]);
  return unpacked;
}
