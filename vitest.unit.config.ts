import { configureMain, SETUP_TESTS } from './vitest.config.js';

/** The tests that run anywhere, without the programs and files of `npm run setup`: `npm run test:unit`. */
export default configureMain(SETUP_TESTS);
