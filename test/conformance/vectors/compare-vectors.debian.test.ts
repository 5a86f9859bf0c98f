import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../support/cli.js';
import { runProgram } from '../../support/programs.js';
import { writeVectors } from './write-vectors.js';

/** In milliseconds: making RSA keys takes seconds. */
const TIMEOUT = 120_000;

it("compares other programs' answers with the kernel's", { timeout: TIMEOUT }, () => {
  const folder = join(makeTemporaryFolder(), 'limbo');
  writeVectors(folder, ['ordinary']);
  const output = runProgram('node', ['vectors/compare.mjs', folder, '--program', 'sbverify', '--list']);
  const [summary, ...lines] = output.trimEnd().split('\n');
  expect(summary).toBe(
    'sbverify: 24 files; accepts what Linux 6.12 refuses: 0; refuses what it accepts: 1; crashes: 0; hangs: 0',
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ answer: 'refuses', linux: 'ok', name: 'by the CA, not embedded' }),
  ]);
});
