import { readFileSync } from 'node:fs';

/** Reads this package's version. The path is relative to dist/command, the folder of the bundle. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
