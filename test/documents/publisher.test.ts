import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { listPlaceholders, readPublisher, setActionDefaults } from '../../scripts/publisher.mjs';

it('the publisher is set in package.json, completely', () => {
  expect(readPublisher()).toEqual({
    name: expect.stringMatching(/./),
    email: expect.stringMatching(/^[^@]+@[^@]+$/),
    homepage: expect.stringMatching(/^https:/),
    repository: expect.stringMatching(/^https:.*[^t]$/),
    bugs: expect.stringMatching(/^https:/),
  });
});

it('placeholders are found, so that nothing is published with them', () => {
  const set = { name: 'Maintainers', email: 'a@kernel.test', homepage: 'https://kernel.test/example' };
  expect(listPlaceholders(set)).toEqual([]);
  expect(listPlaceholders({ ...set, email: 'a@b.example.org', bugs: 'https://b.example/x' })).toEqual([
    ['email', 'a@b.example.org'],
    ['bugs', 'https://b.example/x'],
  ]);
});

it('the action takes the executable of its own release, by a name that no other action changes', () => {
  const action = readFileSync('action.yml', 'utf8');
  expect(setActionDefaults(action)).toBe(action);
  expect(action).toContain(`default: v${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
  const others = action.replace(/default: (v\d|https:).*/g, 'default: other');
  expect(others).not.toBe(action);
  expect(setActionDefaults(others)).toBe(action);
  // In an action that is called by another one, these are those of the other.
  expect(action.replaceAll(/^#.*$/gm, '')).not.toMatch(/github\.action_(ref|repository)/);
});
