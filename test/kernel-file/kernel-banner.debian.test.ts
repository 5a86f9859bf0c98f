import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findBanner } from '../../src/kernel-file/kernel-banner.js';
import { corpus } from '../support/corpus.js';

it.each(corpus.kernels())('the banner is found in the bytes of $name', ({ path }) => {
  expect(findBanner(readFileSync(path))).toEqual({
    offset: expect.any(Number),
    release: /vmlinuz-(.*)$/.exec(path)?.[1],
    compiler: expect.stringMatching(/^\S*gcc-12 \(Debian .*\) 12\.2\.0, GNU ld \(GNU Binutils .*\) 2\.40$/),
    version: expect.stringMatching(/^#1? SMP Debian \d\.\d+\.\d+-\S+ \(\d{4}-\d\d-\d\d\)$/),
  });
});
