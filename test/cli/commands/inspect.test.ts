import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { buildElfcorehdr } from '../../../src/kexec/build-elfcorehdr.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { makeTemporaryFolder, runCli } from '../../support/cli.js';
import { buildCrashMachine } from '../../support/crash.js';
import { buildMachine } from '../../support/machine.js';

/** The path of a new file with these bytes. */
function file(bytes: Uint8Array | string): string {
  const path = join(makeTemporaryFolder(), 'file');
  writeFileSync(path, bytes);
  return path;
}

function inspectJson(path: string): Record<string, unknown> {
  const { status, stdout, stderr } = runCli('inspect', path, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe('kexec-file inspect', () => {
  it('shows the entries of a cpio archive', () => {
    const archive = buildCpio([{ name: 'init', type: 'file', permissions: 0o755, bytes: new Uint8Array(3) }]);
    expect(inspectJson(file(archive))).toMatchObject({
      kind: 'cpio archive',
      count: 1,
      entries: [{ mode: '100755', size: 3, name: 'init' }],
    });
  });

  it('shows an ELF core header', () => {
    const facts = inspectJson(file(buildElfcorehdr(buildCrashMachine())));
    expect(facts).toMatchObject({
      kind: 'ELF core',
      notes: [
        { physical: '0x7ff00000' },
        { physical: '0x7ff01000' },
        { physical: '0x41530000', size: '0x1024' },
      ],
      loads: [{ virtual: '0xffff800080000000' }, { physical: '0x40000000' }, { physical: '0x70000000' }],
    });
  });

  it('shows a machine file', () => {
    expect(inspectJson(file(formatMachine(buildMachine())))).toMatchObject({
      kind: 'machine file',
      ram: '0x40000000',
      granules: '4K, 64K',
    });
  });
});
