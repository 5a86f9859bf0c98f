/**
 * Writes a version as Debian does (deb-version(7)).
 *
 * There is no Debian revision: the package is built from this project's own source, and a package of the same version
 * that Debian builds, 0.1.0-1, replaces it. A tilde sorts a pre-release before its release.
 *
 * @param version - of package.json: 1.0.0-rc.1
 * @returns 1.0.0~rc.1
 */
export function formatDebianVersion(version) {
  const [, release, preRelease, build] =
    /^(\d+\.\d+\.\d+)(?:-([\w.-]+))?(?:\+([\w.-]+))?$/.exec(version) ?? [];
  if (release === undefined) throw new Error(`package.json: "${version}" is no version`);
  const rest = [preRelease && `~${preRelease}`, build && `+${build}`].filter(Boolean).join('');
  // A hyphen would begin a Debian revision.
  return `${release}${rest.replaceAll('-', '.')}`;
}
