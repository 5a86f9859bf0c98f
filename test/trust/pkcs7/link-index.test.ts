import { expect, it } from 'vitest';
import { LinkIndex } from '../../../src/trust/pkcs7/link-index.js';

const bytes = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff);

it('finds the first certificate with an identifier, and reads each once', () => {
  let reads = 0;
  const links = Array.from({ length: 3000 }, (_, number) => ({
    number,
    get certificate() {
      reads += 1;
      return { id: bytes(number % 2000), skid: number < 1000 ? undefined : bytes(number % 500) };
    },
  }));
  const index = new LinkIndex(links);
  for (let id = 0; id < 2000; id += 1) expect(index.findById(bytes(id))?.number).toBe(id);
  for (let skid = 0; skid < 500; skid += 1) expect(index.findBySkid(bytes(skid))?.number).toBe(1000 + skid);
  expect(index.findById(bytes(2000))).toBeUndefined();
  expect(index.findBySkid(undefined)).toBeUndefined();
  expect(reads).toBe(links.length);
});
