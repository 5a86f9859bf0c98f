import type { Command } from 'commander';

/** Builds the program. @param called - the command that is called; only its file is loaded */
export type ProgramBuilder = (called: string | undefined) => Promise<Command>;
