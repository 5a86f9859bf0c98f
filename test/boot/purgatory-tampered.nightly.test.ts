/** What test/boot/purgatory.test.ts shows, at more places. */
import { it } from 'vitest';
import { expectRefusedAnywhere } from './purgatory-boots.js';

const RANDOM_PLACES = 400;

it(
  `a kernel that was tampered with is refused: ${RANDOM_PLACES} places at random`,
  { timeout: 1_200_000 },
  () => expectRefusedAnywhere(RANDOM_PLACES),
);
