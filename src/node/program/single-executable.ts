/**
 * What the executable's loader (packaging/executable/loader.js) gives to the program that it starts: the files that
 * lie beside the program in the npm package.
 */
export interface Executable {
  /** Reads a text. @throws Error, if the executable does not contain it. */
  readText(name: string): string;
  /** Reads a file without copying it: the bytes are part of the mapped executable, and must not be written. */
  readBytes(name: string): Uint8Array;
  /** The source of a script that starts a module of the executable in a thread. @param name - of the module's file */
  threadScript(name: string): string;
  /** How many modules of the program were loaded until now, and how many of them were compiled when it was built. */
  countModules(): { readonly loaded: number; readonly compiled: number };
}

/** Where the loader leaves it, in each thread. */
const KEY = Symbol.for('kexec-file.executable');

/** The executable that this program runs from; undefined if Node runs it from the npm package. */
export const executable = (globalThis as { [KEY]?: Executable })[KEY];
