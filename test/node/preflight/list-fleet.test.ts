import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listFleet } from '../../../src/node/preflight/list-fleet.js';
import { makeTemporaryFolder } from '../../support/cli.js';

it('lists a machine once, however often it is named', () => {
  const folder = makeTemporaryFolder();
  const [a, b] = [join(folder, 'a.json'), join(folder, 'rack', 'b.json')];
  mkdirSync(join(folder, 'rack'));
  for (const file of [a, b]) writeFileSync(file, '{}');
  const again = `${folder}/./a.json`;
  expect(listFleet([a, folder, again, 'qemu-virt', 'qemu-virt', 'nofile'])).toEqual([
    a,
    b,
    'qemu-virt',
    'nofile',
  ]);
});
