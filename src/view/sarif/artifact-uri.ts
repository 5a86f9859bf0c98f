/**
 * The address of a file in a SARIF log (SARIF 2.1.0, 3.4.3; RFC 3986). A relative path stays relative, so that a viewer
 * finds the file in its own checkout.
 *
 * @param path - a path, whatever bytes are in it
 * @returns `fleet/web1.json`, `file:///var/fleet/web1.json`
 */
export function buildArtifactUri(path: string): string {
  const segments = path
    // encodeURIComponent throws for halves of surrogate pairs.
    .replaceAll(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .filter((segment, index) => segment !== '.' && (segment !== '' || index === 0))
    .map((segment) => encodeURIComponent(segment));
  const encoded = segments.join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
