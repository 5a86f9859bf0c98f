import { Trail } from '../base/trail.js';
import { type Kimage, NoHoleError } from './kimage.js';

/** Give up after this many failed draws: there is hardly any room. */
const MAX_DRAWS = 100;

/** A draw looks at every free range. All draws of a machine with very many ranges look at about this number. */
const MAX_RANGES_DRAWN = 200_000;

/** A machine with any number of ranges gets this many draws. */
const MIN_DRAWS = 10;

/**
 * Places all segments at random. If earlier draws leave no room for a segment that would fit otherwise, all are drawn
 * again.
 *
 * @param place - places all segments, and records that in the trail that it gets
 * @param ranges - the number of free ranges
 * @throws NoHoleError of the last draw, if none leaves room for all; any other error of `place`.
 */
export function placeAtRandom(place: (trail: Trail) => Kimage, ranges: number, trail: Trail): Kimage {
  const draws = Math.max(MIN_DRAWS, Math.min(MAX_DRAWS, Math.floor(MAX_RANGES_DRAWN / (ranges + 1))));
  for (let draw = 1; ; draw += 1) {
    const attempt = new Trail();
    try {
      const kimage = place(attempt);
      if (draw > 1) trail.note('random-place', `drawn ${draw} times, until there was room for every segment`);
      trail.append(attempt);
      return kimage;
    } catch (error) {
      const isForLackOfRoom = error instanceof NoHoleError && !error.isHopeless;
      if (isForLackOfRoom && draw < draws) continue;
      if (isForLackOfRoom) trail.note('random-place', `none of ${draws} draws left room for all`);
      trail.append(attempt);
      throw error;
    }
  }
}
