/** Runs of the command in which one call on its output's folder fails. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const INJECTOR = resolve('test/faults/inject-faults.cjs');
const PROGRAM = resolve('bin/kexec-file.js');

/** A command that writes a file. */
export interface WritingCommand {
  /** Its arguments. @param output - the path of the file that it writes */
  readonly args: (output: string) => readonly string[];
  /** What it leaves beside its output, complete or not, so that the next run resumes. */
  readonly resumes?: true;
}

/** What a call ends in. */
export type Fault = 'ENOSPC' | 'EIO' | 'EMFILE' | 'short' | 'kill';

/** What was there before. */
export type Before = 'nothing' | 'old file';

/** A run, and what it left. */
export interface FaultyRun {
  readonly status: number | null;
  readonly stderr: string;
  /** The calls, each with its file's name. */
  readonly calls: readonly string[];
  /** The output's contents; undefined if there is none. */
  readonly output: Buffer | undefined;
  /** The names of the other files in the folder. */
  readonly others: readonly string[];
}

export const OLD = Buffer.from('the old file\n');

/** Runs a command whose output is the file `out` in a new folder. */
export function runWithFault(
  folder: string,
  { args }: WritingCommand,
  before: Before,
  fault?: { readonly kind: Fault; readonly at: number },
): FaultyRun {
  const outputs = join(folder, 'outputs');
  const [log, output] = [join(folder, 'calls'), join(outputs, 'out')];
  rmSync(outputs, { recursive: true, force: true });
  mkdirSync(outputs);
  writeFileSync(log, '');
  if (before === 'old file') writeFileSync(output, OLD);
  const force = before === 'old file' ? ['--force'] : [];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', INJECTOR, PROGRAM, ...args(output), ...force],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        FAULT_FOLDER: outputs,
        FAULT_LOG: log,
        FAULT: fault?.kind ?? '',
        FAULT_AT: String(fault?.at ?? 0),
      },
      timeout: 60_000,
    },
  );
  return {
    status,
    stderr,
    calls: readFileSync(log, 'utf8').split('\n').filter(Boolean),
    output: existsSync(output) ? readFileSync(output) : undefined,
    others: readdirSync(outputs).filter((name) => name !== 'out'),
  };
}

/**
 * What a power cut could leave, if everything after the last fsync(2) of a file is lost: the calls that give a file its name before
 * what was written into it is on the disk.
 */
export function findUnsynced(calls: readonly string[]): string[] {
  const dirty = new Set<string>();
  const found: string[] = [];
  for (const line of calls) {
    const [call = '', file = ''] = line.split(' ');
    if (/^write/.test(call)) dirty.add(file);
    if (/sync/.test(call)) dirty.delete(file);
    if (/^(rename|link)/.test(call) && dirty.has(file)) found.push(line);
  }
  return found;
}
