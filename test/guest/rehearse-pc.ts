import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { parseReports } from '../support/json-reports.js';

/** What a rehearsal of a PC left. */
interface RehearsedPc {
  readonly report: unknown;
  readonly console: string;
  /** The path of the dump. */
  readonly vmcore: string;
}

/**
 * Rehearses a crash of a PC of QEMU with one CPU, by the built command and Debian's newest kernel. Asynchronously, because it takes
 * long.
 *
 * @param options - sizes, and what is not the default
 */
export async function rehearsePc(...options: readonly string[]): Promise<RehearsedPc> {
  const folder = makeTemporaryFolder();
  const [console, vmcore] = [join(folder, 'console'), join(folder, 'vmcore')];
  const files = ['--kernel', corpus.x86CloudKernel(), '--busybox', corpus.x86Busybox()];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['bin/kexec-file.js', 'crash', 'rehearse', '--machine', 'qemu-q35', ...files, ...options],
    ...['--smp', '1', '--console', console, '--vmcore', vmcore, '--json', '--timeout', '240'],
  ]).catch((error: { stdout?: string; stderr?: string }) => {
    // A rehearsal that fails says so in its report.
    if (error.stdout === undefined || error.stdout === '') throw error;
    return { stdout: error.stdout };
  });
  const [report] = parseReports(stdout);
  return { report, console: readFileSync(console, 'utf8'), vmcore };
}
