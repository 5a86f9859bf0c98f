/**
 * Boots a Debian kernel with each initrd of test/initrd/answers.json, and compares what it says with the recorded answer.
 * With KEXEC_FILE_RECORD=1 in the environment, the initrds are built anew and the answers are recorded.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, readAnswers, writeAnswers } from '../initrd/answers.js';
import { buildCorpus } from '../initrd/build-corpus.js';
import { corpus } from '../support/corpus.js';
import { runQemu } from './qemu.js';

const IS_RECORDING = process.env.KEXEC_FILE_RECORD === '1';
/** As many guests at once. Each takes about 2 seconds of one CPU. */
const GUESTS = 2;
const GUEST_TIMEOUT = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kexec-file-initrds-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Boots with an initrd. Without a root file system the kernel panics afterwards, and QEMU ends. */
async function ask(bytes: Uint8Array, index: number): Promise<string> {
  const file = join(folder, `initrd-${index}`);
  writeFileSync(file, bytes);
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

async function askAll(initrds: readonly (readonly [string, Uint8Array])[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < initrds.length; index = next++) {
      const [name, bytes] = initrds[index] as readonly [string, Uint8Array];
      answers[index] = { name, bytes, said: await ask(bytes, index) };
    }
  };
  await Promise.all(Array.from({ length: GUESTS }, worker));
  return answers;
}

describe('initrds', () => {
  it('are unpacked or refused by a kernel as recorded', { timeout: 900_000 }, async () => {
    const recorded = IS_RECORDING ? [] : readAnswers();
    const initrds = IS_RECORDING
      ? Object.entries(buildCorpus())
      : recorded.map(({ name, bytes }) => [name, bytes] as const);
    const answers = await askAll(initrds);
    if (IS_RECORDING) writeAnswers(basename(corpus.cloudKernel()), answers);
    else expect(answers).toEqual(recorded);
  });
});
