import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNewestKernel, supportsAddresses } from '../../src/doctor/makedumpfile-support.js';
import { readKdumpTools } from '../../src/machine/kdump-tools.js';
import { collectLive } from '../../src/node/collect/record-live.js';
import { buildBareDump } from '../support/bare-dump.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { writeRoot } from '../support/machine-root.js';
import { callMakedumpfile } from '../support/package-program.js';

const PROGRAM = join(corpus.debianPackage('makedumpfile'), 'usr/bin/makedumpfile');

/** The output of makedumpfile for the dump of a kernel with such addresses, which has no pages. */
function readRefusal(pageSize: number, bits: number): string {
  const path = join(makeTemporaryFolder(), 'vmcore');
  writeFileSync(path, buildBareDump({ pageSize, bits }));
  return callMakedumpfile('-d', '31', path, `${path}.out`);
}

describe("Debian's makedumpfile", () => {
  it('has its version in its bytes, as it prints it', () => {
    const root = makeTemporaryFolder();
    writeRoot(root, { 'usr/bin/makedumpfile': readFileSync(PROGRAM) });
    const { files } = collectLive(root);
    const text = (name: string) => new TextDecoder().decode(files.get(name));
    const tools = readKdumpTools({ 'kdump-units': '', makedumpfile: text('makedumpfile') });
    const version = tools?.makedumpfile?.version;
    expect(callMakedumpfile('-v')).toContain(`version ${version} (`);
    expect(findNewestKernel(version)).toBe('6.0');
  });

  it.each([4096, 16384, 65536])(
    'supports the addresses in our table, and no other: pages of %i',
    (pageSize) => {
      for (const bits of [36, 39, 42, 47, 48, 52]) {
        const refused = `VA Bits ${bits} not supported`;
        expect(readRefusal(pageSize, bits).includes(refused), String(bits)).toBe(
          !supportsAddresses(pageSize, bits),
        );
      }
    },
  );
});
