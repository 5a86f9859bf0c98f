import { expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { adviseTrust } from '../../src/kdump/advise-trust.js';

it('where nothing is trusted, the cure is in the settings; any other refusal stays as it is', () => {
  const trust = new KexecError('trust', 'ENOKEY', 'no trusted certificate was given');
  expect(adviseTrust(trust)).toMatchObject({
    check: 'trust',
    errno: 'ENOKEY',
    seen: 'no trusted certificate was given',
    cure: expect.stringContaining('[load] keyrings = ["/usr/lib/shim/shimaa64.efi.signed"]'),
  });
  const other = new KexecError('kdump-unit', 'ENOENT', 'it is not installed');
  expect(adviseTrust(other)).toBe(other);
});
