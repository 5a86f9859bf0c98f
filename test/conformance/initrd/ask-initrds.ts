import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runQemu } from '../../guest/qemu.js';
import { corpus } from '../../support/corpus.js';
import type { ConformanceOptions } from '../options.js';
import { printProblems } from '../report.js';
import { workInParallel } from '../work-in-parallel.js';
import { buildCorpus } from './build-corpus.js';
import { type Answer, readAnswers, writeAnswers } from './recorded-initrds.js';

/** A run that does not ask everything asks about the first initrd and every fifth after it. */
const STEP = 5;

/** In milliseconds. */
const GUEST_TIMEOUT = 60_000;

/**
 * Boots a Debian kernel with recorded initrds, and compares what it says with the recorded answers.
 *
 * @param options - `all`: each of them, not a selection; `record`: build the initrds anew, and record the answers
 * @returns whether they are equal
 */
export async function runInitrds({
  all,
  record,
}: Pick<ConformanceOptions, 'all' | 'record'>): Promise<boolean> {
  const recorded = record ? [] : readAnswers().filter((_, index) => all || index % STEP === 0);
  const initrds = record
    ? Object.entries(buildCorpus())
    : recorded.map(({ name, bytes }) => [name, bytes] as const);
  const answers = await askAll(initrds);
  if (record) writeAnswers(basename(corpus.cloudKernel()), answers);
  const changed = recorded.filter(({ said }, index) => said !== answers[index]?.said);
  printProblems(
    'initrds with another answer than the recorded one',
    changed.map(({ name }) => name),
  );
  process.stdout.write(`initrds ${answers.length}, answers as recorded ${answers.length - changed.length}\n`);
  return changed.length === 0;
}

async function askAll(initrds: readonly (readonly [string, Uint8Array])[]): Promise<Answer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-initrds-'));
  try {
    return await workInParallel(initrds, async ([name, bytes], index) => {
      const file = join(folder, `initrd-${index}`);
      writeFileSync(file, bytes);
      return { name, bytes, said: await ask(file) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Boots with an initrd. Without a root file system the kernel panics afterwards, and QEMU ends. */
async function ask(file: string): Promise<string> {
  const options = ['-M', 'virt', '-cpu', 'cortex-a57', '-m', '512M', '-kernel', corpus.cloudKernel()];
  const { console } = await runQemu(
    [...options, '-initrd', file, '-append', 'console=ttyAMA0 panic=-1 rdinit=/nothing'],
    GUEST_TIMEOUT,
  );
  const said = /Initramfs unpacking failed: (.*?)\r?\n/.exec(console)?.[1];
  if (said !== undefined) return said;
  if (/Unable to handle kernel|Oops|kernel BUG/.test(console)) return 'crashed';
  if (!/Unable to mount root fs|Cannot open root device/.test(console)) throw new Error(console);
  return '';
}
