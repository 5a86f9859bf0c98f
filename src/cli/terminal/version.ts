import { readFileSync } from 'node:fs';

/** This package's version. The path is that from dist/command, where the command is bundled. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
