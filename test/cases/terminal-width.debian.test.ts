/** What is printed fits the terminal: 80 columns, 120, and 80 without one. The outputs are in the folder `terminal`. */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { measureText } from '../../src/view/text/layout.js';
import { runCli } from '../support/cli.js';
import { runInTerminal, type Width } from '../support/pseudo-terminal.js';

const FIELD = 'test/cases/field';

/** The folders of which machine files are made, and the names of these. */
const MACHINES: Readonly<Record<string, string>> = {
  '31-disabled-memory-node/m': 'board.json',
  '22-cure-is-grub-on-every-board/rpi4': 'rpi4.json',
};

/**
 * Reports, refusals and help of every command that does not depend on the machine of the test, by the name of its
 * output. The inputs are those of the cases.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  help: 'kexec-file --help',
  'help-short': 'kexec-file -h',
  'help-plan': 'kexec-file help plan',
  'help-plan-short': 'kexec-file plan -h',
  'help-load': 'kexec-file help load',
  'unknown-command': 'kexec-file plam',
  'unknown-option': 'kexec-file plan Image --initrb x',
  plan: 'kexec-file plan 31-disabled-memory-node/Image --machine qemu-virt',
  'plan-panic': 'kexec-file plan 31-disabled-memory-node/Image --machine board.json --panic',
  'plan-no-file': 'kexec-file plan nofile --machine qemu-virt',
  'boot-no-file': 'kexec-file boot nofile',
  explain:
    'kexec-file explain 29-initrd-cut-short/Image --initrd 29-initrd-cut-short/cut.gz --machine qemu-virt',
  'explain-check': 'kexec-file explain segment-total',
  'explain-errno': 'kexec-file explain EADDRNOTAVAIL --machine qemu-virt',
  'explain-log': 'kexec-file explain --log 13-log-next-kernel/log --machine qemu-virt',
  doctor: 'kexec-file doctor --machine rpi4.json',
  'doctor-initrd':
    'kexec-file doctor 27-initrd-xz-check/Image --initrd 27-initrd-xz-check/xz-crc64 --machine qemu-virt',
  verify:
    'kexec-file verify 01-verify-nobody-is-trusted/signed-by-a.efi --cert 01-verify-nobody-is-trusted/a.pem --trail',
  'verify-refused':
    'kexec-file verify 01-verify-nobody-is-trusted/signed-by-a.efi --cert 01-verify-nobody-is-trusted/b.pem',
  sign: 'kexec-file sign 31-disabled-memory-node/Image --cert 01-verify-nobody-is-trusted/a.pem --key nofile -o none',
  signature: 'kexec-file signature list 01-verify-nobody-is-trusted/signed-by-a.efi',
  preflight: 'kexec-file preflight 31-disabled-memory-node/Image qemu-virt board.json rpi4.json missing.json',
  'inspect-kernel': 'kexec-file inspect 02-appended-dtb/Image.gz-dtb',
  'inspect-fit': 'kexec-file inspect 05-fit-configuration/two-configurations.itb',
  'machine-show': 'kexec-file machine show rpi4.json',
  'machine-record': 'kexec-file machine record --from 25-pkcs12 -o none',
  'crash-estimate':
    'kexec-file crash estimate 24-initrd-in-tmpfs/Image --initrd 24-initrd-in-tmpfs/initrd.gz --machine qemu-virt',
  'crash-lint': 'kexec-file crash lint 09-qemu-elf-dump/dump.elf',
  'vmcore-info': 'kexec-file vmcore info 09-qemu-elf-dump/dump.elf',
  'vmcore-save': 'kexec-file vmcore save 12-wrong-vmlinux/not-a-vmlinux -o none',
};

/** A narrow table has fewer columns. */
const FITTED = ['preflight'];

const NAMES = Object.keys(COMMANDS);
const WIDTHS: readonly Width[] = [80, 120, 'pipe'];

/** What each command printed, by its width and name. */
const printed = new Map<Width, ReadonlyMap<string, string>>();

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-test-'));
  for (const name of readdirSync(FIELD)) symlinkSync(resolve(FIELD, name), join(folder, name));
  for (const [from, name] of Object.entries(MACHINES)) {
    expect(runCli('machine', 'record', '--from', join(FIELD, from), '-o', join(folder, name)).status).toBe(0);
  }
  for (const width of WIDTHS) {
    const outputs = runInTerminal(Object.values(COMMANDS), width, folder);
    printed.set(width, new Map(NAMES.map((name, index) => [name, outputs[index] ?? ''])));
  }
  rmSync(folder, { recursive: true });
});

function find(name: string, width: Width): string {
  return printed.get(width)?.get(name) ?? '';
}

describe.each(NAMES)('%s', (name) => {
  it.each([80, 120] as const)('fits %s columns', async (width) => {
    for (const line of find(name, width).split('\n')) {
      // Only a word that is longer than the line goes beyond it, and then stands alone.
      if (line.trim().includes(' ')) expect(measureText(line), line).toBeLessThanOrEqual(width);
      expect(line).toBe(line.trimEnd());
    }
    await expect(find(name, width)).toMatchFileSnapshot(`terminal/${name}.${width}.txt`);
  });

  it('is the same on a pipe as on a terminal of 80 columns', () => {
    expect(find(name, 'pipe')).toBe(find(name, 80));
  });
});

it.each(NAMES.filter((name) => !FITTED.includes(name)))('%s prints the same words at every width', (name) => {
  expect(find(name, 120).split(/\s+/)).toEqual(find(name, 80).split(/\s+/));
});
