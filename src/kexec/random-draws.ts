import { Trail } from '../base/trail.js';
import { type Kimage, NoHoleError } from './kimage.js';

/** Where so many in a row leave no room, there is hardly any. */
const DRAWS = 100;

/**
 * Places all segments at random: again from the first one on, as often as one is left without a place by those that
 * were drawn before it.
 *
 * @param place - places them all, and records it
 * @throws NoHoleError of the last draw, if none fits; whatever else `place` throws.
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
      if (error instanceof NoHoleError && draw < DRAWS) continue;
      if (error instanceof NoHoleError)
        trail.note('random-place', `none of ${DRAWS} draws left room for all`);
      trail.append(attempt);
      throw error;
    }
  }
}
