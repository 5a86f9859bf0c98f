import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const CASE = join(import.meta.dirname, 'attack/14-qemu-option-injection');

it.each([
  ['the recorded attack', 'virt,dumpdtb=PWNED'],
  ['behind another property', 'virt,secure=on,dumpdtb=PWNED'],
  ['escaped commas', 'virt,,x,dumpdtb=PWNED'],
])('attack/14: a machine file does not choose what QEMU overwrites: %s', (_, board) => {
  const folder = makeTemporaryFolder();
  const precious = join(folder, 'PWNED');
  writeFileSync(precious, 'precious');
  const machine = join(folder, 'm.json');
  const text = readFileSync(join(CASE, 'j-qemu2.json'), 'utf8');
  const target = board.replace('PWNED', precious.replaceAll(',', ',,'));
  writeFileSync(machine, text.replace('virt,dumpdtb=PWNED', target));
  copyFileSync(join(CASE, 'image'), join(folder, 'image'));
  const { status, stderr } = runCli('boot', join(folder, 'image'), '--machine', machine);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^refused: EINVAL \(machine-schema\).*qemu\.machine/s);
  expect(readFileSync(precious, 'utf8')).toBe('precious');
});

it('attack/14: nor do the options of the command line', () => {
  const precious = join(makeTemporaryFolder(), 'PWNED');
  for (const args of [
    ['--cpu', `max,dumpdtb=${precious}`],
    ['--memory', `512M,dumpdtb=${precious}`],
  ]) {
    const { status, stderr } = runCli('machine', 'record', '--qemu', ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^refused: EINVAL \(qemu-options\)/);
  }
});
