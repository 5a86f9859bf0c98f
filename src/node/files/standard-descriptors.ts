/** Outputs that name a descriptor of this process, such as `-` and `/dev/stdout`, and who has standard output. */

export const STDOUT = 1;
const STDERR = 2;

const NAMED: Readonly<Record<string, number>> = { '-': STDOUT, '/dev/stdout': STDOUT, '/dev/stderr': STDERR };

let isClaimed = false;

/** Returns the descriptor that an output names; undefined if it names a file. */
export function findDescriptor(path: string): number | undefined {
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path) ?? [];
  return NAMED[path] ?? (number === undefined ? undefined : Number(number));
}

/** Standard output gets a file's bytes: words for people must not get into them. */
export function claimStandardOutput(): void {
  isClaimed = true;
}

export function isStandardOutputClaimed(): boolean {
  return isClaimed;
}

/**
 * Returns the stream that writes to a descriptor in order with what else is printed; undefined for other descriptors.
 */
export function getStandardStream(descriptor: number): NodeJS.WriteStream | undefined {
  if (descriptor === STDOUT) return process.stdout;
  return descriptor === STDERR ? process.stderr : undefined;
}
