import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { digestAuthenticode } from '../../../src/trust/pe/authenticode.js';
import { parseIndirectData } from '../../../src/trust/pe/mscode.js';
import { parsePefile } from '../../../src/trust/pe/pefile.js';
import { parsePkcs7 } from '../../../src/trust/pkcs7/parse-message.js';
import { corpus } from '../../support/corpus.js';

describe('digestAuthenticode()', () => {
  it("gives the digests that Debian and Microsoft signed of Debian's kernels and shim", () => {
    for (const path of [...corpus.kernels().map((kernel) => kernel.path), corpus.shim()]) {
      const signed = new Uint8Array(readFileSync(path));
      const pefile = parsePefile(signed);
      const { content } = parsePkcs7(pefile.signature, nodeHashes);
      const { hash, digest } = parseIndirectData(content?.whole ?? new Uint8Array(0));
      const running = createHash(hash);
      digestAuthenticode(signed, pefile, {
        update: (bytes) => {
          running.update(bytes);
        },
        digest: () => running.digest(),
      });
      expect(running.digest('hex'), path).toBe(Buffer.from(digest).toString('hex'));
    }
  });
});
