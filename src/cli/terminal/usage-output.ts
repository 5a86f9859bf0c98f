import { DEFAULT_COLUMNS } from '../../view/text/layout.js';
import { errorView, outputView } from './screen.js';

/** How commander prints help. It prints no errors: `main` does, with what was probably meant. */
export const USAGE_OUTPUT = {
  writeOut: (help: string): void => {
    process.stdout.write(help);
  },
  writeErr: (help: string): void => {
    process.stderr.write(help);
  },
  outputError: (): void => {},
  getOutHelpWidth: (): number => outputView().columns ?? DEFAULT_COLUMNS,
  getErrHelpWidth: (): number => errorView().columns ?? DEFAULT_COLUMNS,
};
