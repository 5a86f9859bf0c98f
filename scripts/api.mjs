/**
 * Writes docs/api.md from the declarations and comments of every entry point in package.json:
 *
 *   node scripts/api.mjs            writes the page
 *   node scripts/api.mjs --check    compares it with the checked-in page: exit code 1 if they differ
 *
 * It reads dist, so run `npm run build` before. It fails if a declaration names a type that no entry point exports.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleComment, parseComment } from './api/comments.mjs';
import { listExports, namedTypes } from './api/declarations.mjs';
import { ROOT, readJson } from './setup/files.mjs';

const PATH = join(ROOT, 'docs/api.md');

/** Longer declarations are tables, whose values are left out. */
const MAX_DECLARATION_LINES = 60;

const INTRODUCTION = `<!-- Made by scripts/api.mjs from the comments in src; do not edit. -->

# Library

Every entry point and what it exports. The three that most programs need are \`plan()\`, \`verify()\` and \`openVmcore()\`:
\`kexec-file/node\` has them for files, \`kexec-file\` for bytes, in browsers, too. [examples](../examples) has a program for
each.

A \`bigint\` is an address, an offset or a size in bytes that a file or a register holds as 64 bits; a \`number\` is a length in
memory. Ranges are half-open. Malformed input ends in a \`KexecError\`, whose \`check\` and \`errno\` [errors.md](errors.md)
lists.

The package is ES modules; \`require()\` takes them as well, from Node 20.19 on.`;

/** Entry points that import Node's modules. */
const NEED_NODE = ['kexec-file/node', 'kexec-file/live', 'kexec-file/qemu'];

/** Types of parameters that only tests of this project pass. */
const INTERNAL = ['Architecture'];

const { exports } = readJson(join(ROOT, 'package.json'));
const modules = Object.entries(exports).filter(([, { types }]) => types !== undefined);
const entryPoints = modules.map(([subpath, { types }]) => {
  const path = join(ROOT, types);
  const documentation = moduleComment(readFileSync(path, 'utf8'));
  const order = (one) => rankExport(one, documentation.examples);
  return {
    name: `kexec-file${subpath.slice(1)}`,
    documentation,
    exports: listExports(path).sort((one, other) => order(one) - order(other)),
  };
});

const idOf = ({ path, name }) => `${path}#${name}`;

/** The entry point that documents each declaration: the first subpath, or the root if there is none. */
const homes = new Map();
for (const { name, exports: list } of [...entryPoints.slice(1), entryPoints[0]]) {
  for (const { name: exported, declarations } of list) {
    for (const one of declarations)
      if (!homes.has(idOf(one))) homes.set(idOf(one), { entry: name, exported });
  }
}

/** The anchors of headings, as on GitHub: equal headings are numbered. */
const anchors = new Map();
const headings = new Map();
for (const { name: entry, exports: all } of entryPoints) {
  for (const heading of [entry, ...all.map(({ name }) => name)]) {
    const slug = heading.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '');
    const count = headings.get(slug) ?? 0;
    headings.set(slug, count + 1);
    anchors.set(`${entry} ${heading}`, count === 0 ? slug : `${slug}-${count}`);
  }
}
const link = (entry, heading = entry) => `[${heading}](#${anchors.get(`${entry} ${heading}`)})`;

const list = (title, items) =>
  items.length === 0 ? [] : [`${title}\n\n${items.map((one) => `- ${one}`).join('\n')}`];
/** Joins the lines of a paragraph, for an item of a list. */
const flat = (text) => text.replaceAll(/\s*\n\s*/g, ' ');

function formatParameter(text) {
  const [, name, rest] = /^(\S+)\s*-?\s*([\s\S]*)$/.exec(text);
  return `\`${name}\`: ${flat(rest)}`;
}

/** Names a parameter by its type: `PlanOptions` becomes `options`, and so does a last parameter of an unnamed type. */
function nameParameter({ typeName }, isLast) {
  const word = /(?:[A-Z][a-z0-9]*)?$/.exec(typeName?.name ?? '')[0].toLowerCase();
  return word || (isLast ? 'options' : 'value');
}

/** A function's declaration with names instead of patterns such as `{ hashes, ...rest }`. */
function addParameterNames({ text, node }) {
  const { params = [] } = node;
  const patterns = params.filter(({ type }) => type === 'ObjectPattern').reverse();
  return patterns.reduce((shown, pattern) => {
    const { start, end, optional, typeAnnotation } = pattern;
    const name = nameParameter(typeAnnotation.typeAnnotation, pattern === params.at(-1));
    const type = text.slice(typeAnnotation.start - node.start, end - node.start);
    const [before, after] = [shown.slice(0, start - node.start), shown.slice(end - node.start)];
    return `${before}${name}${optional ? '?' : ''}${type}${after}`;
  }, text);
}

/** Sorts the exports that the example uses first, then functions and classes, constants, and types. */
function rankExport({ name, declarations: [{ node }] }, [example = '']) {
  if (new RegExp(`\\b${name}\\b`).test(example)) return 0;
  if (['TSDeclareFunction', 'ClassDeclaration'].includes(node.type)) return 1;
  return node.type === 'VariableDeclaration' ? 2 : 3;
}

/** A declaration as a user of the export sees it: by the exported name, without private members. */
function formatSignature(declaration, exported) {
  const { name } = declaration;
  const shown = addParameterNames(declaration)
    .replace(/^declare /, '')
    .replace(/^ *(#private|private [^;]*);\n/gm, '')
    .replace(new RegExp(`^((?:abstract )?\\w+ )${name}\\b`), `$1${exported}`);
  const lines = shown.split('\n');
  return lines.length > MAX_DECLARATION_LINES ? `${lines[0]} …` : shown.replaceAll('    ', '  ');
}

function formatExport({ name, declarations }, entry) {
  const [first] = declarations;
  const home = homes.get(idOf(first));
  if (home.entry !== entry) {
    return `### ${name}\n\n${link(home.entry, home.exported)} of ${link(home.entry)}.`;
  }
  const { summary, params, returns, throws, examples } = parseComment(first.comment);
  return [
    `### ${name}`,
    `\`\`\`ts\n${declarations.map((one) => formatSignature(one, name)).join('\n')}\n\`\`\``,
    ...(summary === '' ? [] : [summary]),
    ...list('Parameters:', params.map(formatParameter)),
    ...list('Returns:', returns.map(flat)),
    ...list('Throws:', throws.map(flat)),
    ...examples,
  ].join('\n\n');
}

function formatEntryPoint({ name, documentation, exports: all }) {
  const { summary, examples } = documentation;
  const node = NEED_NODE.includes(name) ? ['Needs Node.'] : [];
  const contents = all.map((one) => link(name, one.name)).join(', ');
  const texts = all.map((one) => formatExport(one, name));
  return [`## ${name}`, summary, ...node, ...examples, contents, ...texts].join('\n\n');
}

/** Types in signatures that no entry point exports. */
function listMissingTypes() {
  const exported = [...entryPoints].flatMap(({ exports: all }) =>
    all.flatMap(({ declarations }) => declarations),
  );
  return [
    ...new Set(
      exported.flatMap((one) =>
        namedTypes(one)
          .filter((type) => !homes.has(idOf(type)) && !INTERNAL.includes(type.name))
          .map((type) => `${one.name} names ${type.name}`),
      ),
    ),
  ];
}

const contents = entryPoints.map(({ name, documentation }) => {
  const [sentence] = documentation.summary.split(/(?<=\.)\s/, 1);
  return `- ${link(name)}: ${flat(sentence)}`;
});
const page = `${[INTRODUCTION, contents.join('\n'), ...entryPoints.map(formatEntryPoint)].join('\n\n')}\n`;

const missing = listMissingTypes();
if (missing.length > 0) {
  process.stderr.write(
    `types that no entry point exports:\n${missing.map((name) => `  ${name}\n`).join('')}`,
  );
  process.exitCode = 1;
}
if (!process.argv.includes('--check')) {
  writeFileSync(PATH, page);
} else if (readFileSync(PATH, 'utf8') !== page) {
  process.stderr.write('docs/api.md does not match the comments: run npm run api\n');
  process.exitCode = 1;
}
