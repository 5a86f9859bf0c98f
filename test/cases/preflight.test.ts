import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildMachine } from '../support/machine.js';

const WITNESS = 'test/witness/witness.Image';

/** A folder with machines that all have the same name of their own. */
function writeFleet(...files: string[]): string {
  const folder = makeTemporaryFolder();
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), formatMachine(buildMachine({ name: 'same' })));
  }
  return folder;
}

describe('preflight names machines by their files', () => {
  it('and takes presets among them', () => {
    const fleet = writeFleet('rack1/server.json', 'rack2/server.json', 'db.json');
    const { status, stdout } = runCli('preflight', WITNESS, 'qemu-virt', fleet);
    const names = stdout
      .split('\n')
      .slice(0, 5)
      .map((row) => row.split(' ')[0]);
    expect([status, names]).toEqual([0, ['MACHINE', 'qemu-virt', 'db', 'rack1/server', 'rack2/server']]);
  });

  it('and says of a mistyped preset that there is none', () => {
    const { status, stdout } = runCli('preflight', WITNESS, 'qemu-vrt', 'no/qemu-virt', '--json');
    const details = stdout
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((row) => JSON.parse(row).refusal.detail);
    expect(status).toBe(1);
    expect(details[0]).toMatch(/^qemu-vrt is no preset \(.*qemu-virt.*\), and there is no machine file/);
    expect(details[1]).toMatch(/^cannot read no\/qemu-virt/);
  });
});

describe('preflight of a file that is no kernel', () => {
  it.each([
    [
      'text',
      'no kernel, but a text of more than the 64 bytes that the header of an Image has',
      'image-magic',
    ],
    ['nothing', '', 'file-size'],
  ])('prints one refusal for %s, whatever the machines are', (_, content, check) => {
    const fleet = writeFleet('a.json', 'b.json');
    cpSync(WITNESS, join(fleet, 'vmlinuz'));
    const file = join(fleet, 'text');
    writeFileSync(file, content);
    const { status, stdout, stderr } = runCli('preflight', file, fleet);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split(`(${check})`)).toHaveLength(2);
  });
});
