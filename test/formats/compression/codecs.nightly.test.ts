/** What codecs.debian.test.ts shows, of more mutations. */
import { it } from 'vitest';
import { COMPRESSORS, type Compressor } from '../../support/kernel-files.js';
import { expectMutationsEnd } from './mutated-files.js';

const MUTATIONS = 2000;

it.each(Object.keys(COMPRESSORS) as Compressor[])(
  `${MUTATIONS} mutations of a file by %s result in bytes or a KexecError`,
  { timeout: 600_000 },
  (compressor) => expectMutationsEnd(compressor, MUTATIONS),
);
