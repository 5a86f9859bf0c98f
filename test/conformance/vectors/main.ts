/** `npm run vectors`: writes the vectors of vectors/README.md. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { KIND_NAMES } from '../generate.js';
import { buildVectorsSchema } from './vectors-schema.js';
import { writeVectors } from './write-vectors.js';

const USAGE = `usage: npm run vectors -- FOLDER [--kind NAME…]
       npm run vectors -- --schema

  FOLDER       is made; it gets vectors.json, the files and the trusted certificates
  --kind NAME  only this kind; may be repeated
  --schema     write vectors/schema.json instead
`;

/** @returns the exit code: 0, or 2 for wrong usage */
export function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { kind: { type: 'string', multiple: true }, schema: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.schema) {
    writeFileSync('vectors/schema.json', buildVectorsSchema());
    return 0;
  }
  const [folder, ...others] = positionals;
  const unknown = values.kind?.find((kind) => !KIND_NAMES.includes(kind));
  if (unknown !== undefined) process.stderr.write(`no kind is named ${unknown}: ${KIND_NAMES.join(', ')}\n`);
  if (folder === undefined || others.length > 0 || unknown !== undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { vectors } = writeVectors(folder, values.kind);
  process.stdout.write(`${vectors.length} vectors in ${folder}\n`);
  return 0;
}
