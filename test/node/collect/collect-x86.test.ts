import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordFiles } from '../../../src/machine/collect/record-files.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { buildCollectorScript } from '../../../src/node/collect/collector-script.js';
import { recordFrom } from '../../../src/node/collect/record-from.js';
import { collectLive } from '../../../src/node/collect/record-live.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { writeRoot } from '../../support/machine-root.js';
import { runProgram } from '../../support/programs.js';
import { buildX86Root, findX86Recording, recordX86, X86_RECORDINGS } from '../../support/x86-machine.js';

describe('the facts of an x86_64 machine', () => {
  it.each(X86_RECORDINGS)('are the same live, from a tar and from a folder: %s', async (name) => {
    const work = makeTemporaryFolder();
    const root = join(work, 'root');
    mkdirSync(root);
    writeRoot(root, buildX86Root(name));
    const { files, unknown } = collectLive(root);
    const live = recordFiles('m', files, { unknown });
    const facts = ({ architecture, memory, reserved, crash, x86 }: Machine & { x86?: unknown }) => ({
      ...{ architecture, memory, reserved, crash, x86 },
    });
    expect(facts(live)).toEqual(facts(recordX86(name)));

    const tar = join(work, 'm.tar');
    runProgram('sh', ['-s', '--', '-o', tar, '-r', root], { input: buildCollectorScript() });
    expect(await recordFrom(tar)).toEqual(live);
    expect(facts(await recordFrom(findX86Recording(name)))).toEqual(facts(live));
  });

  it('are complete if all files can be read: none is missed that only arm64 has', () => {
    const root = makeTemporaryFolder();
    writeRoot(root, buildX86Root('x86-64-ovmf'));
    const { files, unknown } = collectLive(root);
    const missed = recordFiles('m', files, { unknown }).unknown?.map(({ fact }) => fact);
    expect(missed).toEqual(['purgatory']);
  });
});
