/**
 * Who publishes this project, and where: read from package.json, the one place where a publisher sets it. The Debian
 * package, the SBOM, the image and the publish workflow take it from here.
 *
 *   node scripts/publisher.mjs            writes repository and version into action.yml
 *   node scripts/publisher.mjs --check    exit code 1 while package.json has placeholders, or action.yml differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './setup/files.mjs';

/** The domains that belong to nobody (RFC 2606): a placeholder has one. */
const PLACEHOLDER = /\bexample\.(org|com|net)\b|\.example\b/;

/**
 * Reads the publisher.
 *
 * @returns `name` and `email` of the maintainer; the addresses `homepage`, `repository` (for a browser) and `bugs`
 */
export function readPublisher() {
  const { author, homepage, repository, bugs } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, name, email] = /^([^<>]+) <([^<>@\s]+@[^<>\s]+)>$/.exec(author) ?? [];
  if (name === undefined) throw new Error(`package.json: author must be "name <email>", and is "${author}"`);
  const address = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  return { name, email: email ?? '', homepage, repository: address, bugs: bugs.url };
}

/**
 * The fields that nobody has set, with their values.
 *
 * @param {Readonly<Record<string, string>>} publisher
 */
export function listPlaceholders(publisher = readPublisher()) {
  return Object.entries(publisher).filter(([, value]) => PLACEHOLDER.test(value));
}

/**
 * Sets what the action takes the executable from, unless its inputs say otherwise: the release of package.json.
 *
 * @param {string} action - the text of action.yml
 */
export function setActionDefaults(action) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const defaults = { version: `v${version}`, repository: readPublisher().repository };
  return Object.entries(defaults).reduce((text, [input, value]) => {
    const place = new RegExp(`(?<=^ {2}${input}:\\n(?: {4}.*\\n)*? {4}default: ).*$`, 'm');
    if (!place.test(text)) throw new Error(`action.yml: the input ${input} has no default`);
    return text.replace(place, value);
  }, action);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(ROOT, 'action.yml');
  const action = readFileSync(path, 'utf8');
  if (!process.argv.includes('--check')) writeFileSync(path, setActionDefaults(action));
  else {
    const faults = listPlaceholders().map(
      ([field, value]) => `package.json: the publisher's ${field} is a placeholder: ${value}`,
    );
    if (setActionDefaults(action) !== action)
      faults.push('action.yml differs: run node scripts/publisher.mjs');
    for (const fault of faults) process.stderr.write(`${fault}\n`);
    if (faults.length > 0) process.exitCode = 1;
  }
}
