/** Figures that scripts write into documents: each block stands between `<!-- figures: NAME -->` and `<!-- end -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/files.mjs';

/** A table in Markdown. */
export function formatTable(header, rows) {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * Writes the blocks of a document. One without figures stays as it is; the others are written all the same, and the exit status
 * is 1.
 *
 * @param path - the document, in the checkout
 * @param blocks - by name, a function that returns the text, or throws if there are no results
 * @param names - which of them
 */
export function writeFigures(path, blocks, names) {
  const file = join(ROOT, path);
  let document = readFileSync(file, 'utf8');
  for (const name of names) {
    try {
      if (!(name in blocks))
        throw new Error(`there are no figures ${name}, but ${Object.keys(blocks).join(', ')}`);
      document = replaceBlock(document, name, blocks[name]());
    } catch (error) {
      process.stderr.write(`${path}: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
  writeFileSync(file, document);
}

function replaceBlock(document, name, text) {
  const block = new RegExp(`(<!-- figures: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!block.test(document)) throw new Error(`it has no block ${name}`);
  return document.replace(block, (_, start, end) => `${start}\n${text}\n\n${end}`);
}
