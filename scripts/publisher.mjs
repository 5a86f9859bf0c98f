/**
 * Who publishes this project, and where: read from package.json, the one place where a publisher sets it. The Debian
 * package, the SBOM, the image and the publish workflow take it from here.
 *
 *   node scripts/publisher.mjs --check    exit code 1 while package.json has placeholders
 */
import { readFileSync } from 'node:fs';
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && process.argv.includes('--check')) {
  for (const [field, value] of listPlaceholders())
    process.stderr.write(`package.json: the publisher's ${field} is a placeholder: ${value}\n`);
  if (listPlaceholders().length > 0) process.exitCode = 1;
}
