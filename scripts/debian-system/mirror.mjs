/** Where packages come from: a mirror of Debian in this machine's apt sources, whatever release they are of. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { say } from '../setup/files.mjs';

/** Used if this machine's sources have no mirror with the release: Debian's own address for everybody. */
const PUBLIC_MIRROR = 'http://deb.debian.org/debian/';

/**
 * Finds a mirror that has a release.
 *
 * @param suite - the release's code name
 * @param folder - for a temporary file
 * @throws Error if no mirror has it, with the answers of all
 */
export function findMirror(suite, folder) {
  const problems = [];
  for (const mirror of new Set([...listMirrors(), PUBLIC_MIRROR])) {
    const problem = tryMirror(mirror, suite, folder);
    if (problem === undefined) return mirror;
    problems.push(problem);
    say(`${mirror} has no ${suite}`);
  }
  throw new Error(`no mirror has Debian's ${suite}:\n${problems.join('\n')}`);
}

/** This machine's own settings for proxies, as options of apt. */
export function listProxies() {
  const { stdout } = run('apt-config', ['dump', '--format', '%F "%v";%n']);
  return stdout.split('\n').filter((line) => /^Acquire::https?::Proxy(::[^ ]+)? "[^"]+";$/.test(line));
}

/** Sources of Debian itself have main; those of security updates have another path and other releases. */
function listMirrors() {
  const { stdout } = run('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  return stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      ([uri = '', component]) => component === 'main' && /^https?:/.test(uri) && !uri.includes('security'),
    )
    .map(([uri]) => uri);
}

/** apt's own downloader, with this machine's proxies and certificates. @returns why it has not the release */
function tryMirror(mirror, suite, folder) {
  const { status, stdout, stderr } = run('/usr/lib/apt/apt-helper', [
    ...['-q', '-o', 'APT::Sandbox::User=root', 'download-file'],
    ...[`${mirror}dists/${suite}/InRelease`, join(folder, 'InRelease')],
  ]);
  return status === 0 ? undefined : `${mirror}: ${(stderr || stdout).trim()}`;
}

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`cannot run ${program}: ${error.message}`, { cause: error });
  return { status, stdout, stderr };
}
