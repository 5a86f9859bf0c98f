/** lintian on the package for arm64: deb.debian.test.ts has that for amd64, whose files are the same but for the executable. */
import { beforeAll, it } from 'vitest';
import { BUILD_TIMEOUT, buildDebs, expectLintianContent, PATHS } from './debs.js';

beforeAll(buildDebs, BUILD_TIMEOUT);

it(
  'lintian finds nothing in the package for arm64 that is not explained',
  () => {
    expectLintianContent(PATHS.arm64);
  },
  BUILD_TIMEOUT,
);
