import { DEBUG_OPTION } from '../terminal/internal-error.js';

/** An option of the program itself, or of every command. */
export interface GlobalOption {
  readonly flags: string;
  readonly text: string;
}

/** What asks for the version: kexec-tools has `-v`. */
export const VERSION_FLAGS = ['-v', '-V', '--version'] as const;

/** What asks for help, the short one first. */
export const HELP_FLAGS = ['-h', '--help'] as const;

export const HELP: GlobalOption = {
  flags: HELP_FLAGS.join(', '),
  text: 'print this; --help adds explanation and examples',
};
export const VERSION: GlobalOption = { flags: VERSION_FLAGS.join(', '), text: 'print the version' };
export const COLOR: GlobalOption = {
  flags: '--color <when>',
  text: 'with any command: colours, on a terminal or in any case',
};
export const DEBUG: GlobalOption = {
  flags: DEBUG_OPTION,
  text: 'with any command: print the stack of an internal error',
};
