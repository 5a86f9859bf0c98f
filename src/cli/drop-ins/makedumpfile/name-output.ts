import { DASH } from './makedumpfile-request.js';

/** Names an output as makedumpfile does. */
export function nameOutput(path: string): string {
  return path === DASH ? 'STDOUT' : path;
}
