/**
 * Whether a kernel is older than `major.minor`.
 *
 * @param release - as `uname -r` prints it: `6.12.117+deb12-arm64`
 * @returns undefined if the release does not begin with two numbers, or is undefined
 */
export function isReleaseBefore(
  release: string | undefined,
  major: number,
  minor: number,
): boolean | undefined {
  const match = /^(\d+)\.(\d+)/.exec(release ?? '');
  if (match === null) return undefined;
  const [own, ownMinor] = [Number(match[1]), Number(match[2])];
  return own < major || (own === major && ownMinor < minor);
}
