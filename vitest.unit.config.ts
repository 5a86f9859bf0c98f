import { configureMain } from './vitest.config.js';

/** The tests that run anywhere, without the programs and files of `npm run setup`: `npm run test:unit`. */
export default configureMain(['test/**/*.debian.test.ts', 'test/{boot,cases,guest,conformance,package}/**']);
