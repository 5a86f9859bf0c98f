import { describe, expect, it } from 'vitest';
import { buildCpio } from '../../../src/formats/cpio.js';
import { buildElfcorehdr } from '../../../src/kexec/build-elfcorehdr.js';
import { formatMachine } from '../../../src/machine/schema.js';
import { buildCrashMachine } from '../../support/crash.js';
import { buildMachine } from '../../support/machine.js';
import { inspectJson, writeTemporaryFile } from './inspect-json.js';

describe('kexec-file inspect', () => {
  it('shows the entries of a cpio archive', () => {
    const archive = buildCpio([{ name: 'init', type: 'file', permissions: 0o755, bytes: new Uint8Array(3) }]);
    expect(inspectJson(writeTemporaryFile(archive))).toMatchObject({
      kind: 'cpio archive',
      count: 1,
      entries: [{ mode: '100755', size: 3, name: 'init' }],
    });
  });

  it('shows an ELF core header', () => {
    const facts = inspectJson(writeTemporaryFile(buildElfcorehdr(buildCrashMachine())));
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
    expect(inspectJson(writeTemporaryFile(formatMachine(buildMachine())))).toMatchObject({
      kind: 'machine file',
      ram: '0x40000000',
      granules: '4K, 64K',
    });
  });
});
