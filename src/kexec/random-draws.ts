import { Trail } from '../base/trail.js';
import { type Kimage, NoHoleError } from './kimage.js';

/** Give up after this many failed draws: there is hardly any room. */
const MAX_DRAWS = 100;

/**
 * Places all segments at random. If earlier draws leave no room for a segment that would fit otherwise, all are drawn
 * again.
 *
 * @param place - places all segments, and records that in the trail that it gets
 * @throws NoHoleError of the last draw, if none leaves room for all; any other error of `place`.
 */
export function placeAtRandom(place: (trail: Trail) => Kimage, trail: Trail): Kimage {
  for (let draw = 1; ; draw += 1) {
    const attempt = new Trail();
    try {
      const kimage = place(attempt);
      if (draw > 1) trail.note('random-place', `drawn ${draw} times, until there was room for every segment`);
      trail.append(attempt);
      return kimage;
    } catch (error) {
      const isForLackOfRoom = error instanceof NoHoleError && !error.isHopeless;
      if (isForLackOfRoom && draw < MAX_DRAWS) continue;
      if (isForLackOfRoom) trail.note('random-place', `none of ${MAX_DRAWS} draws left room for all`);
      trail.append(attempt);
      throw error;
    }
  }
}
