import { U64_LIMIT } from '../../base/u64.js';
import { parseImageHeader } from '../../formats/arm64-image.js';
import { ARM64_CORE } from '../../machine/arm64/arm64-core-rules.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { findFreeRanges } from '../../machine/machine-facts.js';
import type { Architecture } from '../architecture.js';
import { checkCall } from './check-call.js';
import { IMAGE_LOADER } from './image-loader.js';

/** arm64, as Linux 6.12 loads kernels on it. */
export const ARM64: Architecture<Arm64Machine> = {
  name: 'arm64',
  loaders: [IMAGE_LOADER],
  ruleNames: ['mainline', '6.12', '7.3', 'v3'],
  commandLineSize: 2048,
  findDestinationLimit: () => U64_LIMIT,
  // An Image that may lie anywhere lies below 2^48: booting.rst, flags, bit 3.
  randomWindow: { start: 0n, end: 1n << 48n },
  elfcorehdr: ARM64_CORE,
  checkCall,
  findDestinations: findFreeRanges,
  measureKernel(kernel) {
    const { imageSize, pageSize } = parseImageHeader(kernel);
    return { memory: imageSize, pageSize };
  },
  findSearchedMap: ({ memorySource }) => ({ name: 'memblock', isExact: memorySource === 'memblock' }),
};
