import { expect, it } from 'vitest';
import { listPlaceholders, readPublisher } from '../../scripts/publisher.mjs';

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
