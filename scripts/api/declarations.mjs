/** Finds the declarations behind a module's exports, in the `.d.ts` files that the compiler wrote. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { commentBefore } from './comments.mjs';

/**
 * A declaration, and the path and the name that identify it.
 *
 * @typedef {{ path: string, name: string, node: object, text: string, comment: string }} Declaration
 */

const modules = new Map();

/** @returns {{ path: string, text: string, body: object[] }} */
function readModule(path) {
  const known = modules.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(path, 'utf8');
  const module = { path, text, body: parseAst(text, { lang: 'dts' }).body };
  modules.set(path, module);
  return module;
}

/** The `.d.ts` file that a module imports; undefined for a package. */
function importedPath(from, specifier) {
  return specifier.startsWith('.') ? join(dirname(from), specifier.replace(/\.js$/, '.d.ts')) : undefined;
}

function declaredName(declaration) {
  return (declaration?.id ?? declaration?.declarations?.[0]?.id)?.name;
}

/**
 * What a module exports, in the order of its statements.
 *
 * @returns {{ name: string, declarations: Declaration[] }[]} a function's overloads are several declarations
 */
export function listExports(path) {
  const found = readModule(path).body.flatMap((node) => {
    if (node.type === 'ExportAllDeclaration') return listExports(importedPath(path, node.source.value));
    if (node.type !== 'ExportNamedDeclaration') return [];
    if (node.declaration !== null) {
      const name = declaredName(node.declaration);
      return [{ name, declarations: findDeclarations(path, name) }];
    }
    const source = node.source === null ? path : importedPath(path, node.source.value);
    return node.specifiers.map(({ local, exported }) => ({
      name: exported.name,
      declarations: findDeclarations(source, local.name),
    }));
  });
  const names = new Set();
  return found.filter(({ name }) => !names.has(name) && names.add(name));
}

/** The declarations of a name that a module declares, imports or re-exports. */
function findDeclarations(path, name) {
  const { text, body } = readModule(path);
  const own = body.flatMap((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    return declaredName(declaration) === name
      ? [
          {
            path,
            name,
            node: declaration,
            text: text.slice(declaration.start, declaration.end),
            comment: commentBefore(text, node.start),
          },
        ]
      : [];
  });
  if (own.length > 0) return own;
  for (const { type, source, specifiers = [] } of body) {
    const from = source && importedPath(path, source.value);
    if (from === undefined || from === null) continue;
    if (type === 'ExportAllDeclaration') {
      const found = listExports(from).find((one) => one.name === name);
      if (found !== undefined) return found.declarations;
    }
    for (const { local, imported, exported } of specifiers) {
      if (type === 'ImportDeclaration' && local.name === name && imported)
        return findDeclarations(from, imported.name);
      if (type === 'ExportNamedDeclaration' && exported.name === name)
        return findDeclarations(from, local.name);
    }
  }
  return [];
}

/**
 * The declarations of the types that a declaration names. Types of packages and of the language are not among them.
 *
 * @param {Declaration} declaration
 * @returns {Declaration[]}
 */
export function namedTypes({ path, node }) {
  const names = new Set();
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) return value.forEach(visit);
    if (value.type === 'PropertyDefinition' && value.accessibility === 'private') return;
    if (value.type === 'TSTypeReference' && value.typeName.type === 'Identifier')
      names.add(value.typeName.name);
    if (value.type === 'TSInterfaceHeritage' || value.type === 'TSClassImplements')
      names.add(value.expression.name);
    if (value.superClass) names.add(value.superClass.name);
    Object.values(value).forEach(visit);
  };
  visit(node);
  return [...names].flatMap((name) => findDeclarations(path, name));
}
