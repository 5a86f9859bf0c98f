import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('docs/json.md links every schema of the package', () => {
  const text = readFileSync('docs/json.md', 'utf8');
  const linked = [...text.matchAll(/\]\(\.\.\/schemas\/([\w-]+\.json)\)/g)].map(([, file]) => file);
  expect(linked.sort()).toEqual(readdirSync('schemas').sort());
});
