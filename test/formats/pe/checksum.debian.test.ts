import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { computeCheckSum } from '../../../src/formats/pe/checksum.js';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { corpus } from '../../support/corpus.js';

describe('computeCheckSum()', () => {
  it('is the CheckSum of signed kernels and of shim', () => {
    for (const path of [...corpus.kernels().map((kernel) => kernel.path), corpus.shim()]) {
      const file = readFileSync(path);
      const { checkSum, checkSumOffset } = parsePe(file);
      expect(computeCheckSum(file, checkSumOffset), path).toBe(checkSum);
    }
  });
});
