import { debianKernel } from '../scripts/debian.mjs';

/** Path of Debian's cloud kernel 6.12, which most benches load; by default the one for arm64. */
export function findKernel(key = 'cloud-6.12') {
  const kernel = debianKernel(key);
  if (kernel === undefined) throw new Error('no kernel in the cache: run `npm run setup`');
  return kernel;
}
