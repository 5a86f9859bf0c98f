/** A rehearsal for a recorded server. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatMachine } from '../../src/machine/schema.js';
import { corpus } from '../support/corpus.js';
import { findExecutable } from '../support/executable.js';
import { parseReports } from '../support/json-reports.js';
import { buildMachine } from '../support/machine.js';

const GIB = 1n << 30n;

/** A recorded server. */
function machineFile(folder: string): string {
  const path = join(folder, 'server.json');
  const machine = {
    ...buildMachine(),
    name: 'server',
    memory: [{ start: 32n * GIB, end: 33n * GIB }],
    possibleCpus: 1,
    commandLine:
      'BOOT_IMAGE=/vmlinuz root=/dev/sda1 console=ttyS0 crashkernel=0-512M:64M,512M-:512M greeting=hello',
  };
  writeFileSync(path, formatMachine(machine));
  return path;
}

/** How a rehearsal ended. */
export interface Rehearsed {
  readonly status: number;
  readonly report: Record<string, unknown>;
  readonly console: string;
}

/** Rehearses in a folder. The executable runs asynchronously, because it takes long. */
export function rehearse(folder: string, ...options: readonly string[]): Promise<Rehearsed> {
  const console = join(folder, 'console');
  const args = ['crash', 'rehearse', '--machine', machineFile(folder), '--kernel', corpus.cloudKernel()];
  const others = ['--busybox', corpus.busybox(), '--console', console, '--json', '--timeout', '240'];
  return new Promise((resolve, reject) => {
    execFile(findExecutable(process.arch), [...args, ...others, ...options], (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr, { cause: error }));
      else {
        const status = error === null ? 0 : Number(error.code);
        const [report = {}] = parseReports(stdout);
        resolve({ status, report: { ...report }, console: readFileSync(console, 'utf8') });
      }
    });
  });
}
