/** A command line as the system call passes it: in UTF-8, with its NUL. @returns undefined if there is none */
export function encodeCommandLine(commandLine: string | undefined): Uint8Array | undefined {
  return commandLine === undefined ? undefined : new TextEncoder().encode(`${commandLine}\0`);
}
