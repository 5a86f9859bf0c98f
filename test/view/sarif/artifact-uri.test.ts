import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildArtifactUri } from '../../../src/view/sarif/artifact-uri.js';

describe('buildArtifactUri', () => {
  it.each([
    ['fleet/web1.json', 'fleet/web1.json'],
    ['./fleet//web 1.json', 'fleet/web%201.json'],
    ['/var/fleet/a#b?.json', 'file:///var/fleet/a%23b%3F.json'],
    ['a:b.json', 'a%3Ab.json'],
    ['../ü.json', '../%C3%BC.json'],
    ['\ud800', '%EF%BF%BD'],
  ])('%s is %s', (path, uri) => {
    expect(buildArtifactUri(path)).toBe(uri);
  });

  it('is an address of the same path, whatever the path', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }), (names) => {
        const safe = names.map((name) => `x${name.replaceAll('/', '').replaceAll(/\p{Cs}/gu, '')}`);
        const { pathname, protocol, host } = new URL(buildArtifactUri(`/${safe.join('/')}`));
        expect([protocol, host, decodeURIComponent(pathname)]).toEqual(['file:', '', `/${safe.join('/')}`]);
      }),
    );
  });
});
