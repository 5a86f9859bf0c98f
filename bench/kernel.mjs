import { debianKernel } from '../scripts/debian.mjs';

/** Path of Debian's cloud kernel 6.12, which most benches load. */
export function findKernel() {
  const kernel = debianKernel('cloud-6.12');
  if (kernel === undefined) throw new Error('no kernel in the cache: run `npm run setup`');
  return kernel;
}
