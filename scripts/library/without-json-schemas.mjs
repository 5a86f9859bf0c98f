/** The modules of zod that make JSON Schemas, by the ends of their paths. */
const MODULES = /\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/;

const EXPORTS = /^export (?:const|function) (\w+)|^export \{ \w+ as (\w+) \}/gm;

/** Called when a schema is built, they return what makes its JSON Schema when that is called. */
const MAKERS = /^create/;

/**
 * Leaves out the code by which zod makes JSON Schemas, which every schema refers to: 70 KB in the package. Ours are made
 * when the package is built (scripts/schemas.mjs).
 */
export const withoutJsonSchemas = {
  name: 'without-json-schemas',
  transform(code, id) {
    if (!MODULES.test(id)) return undefined;
    const names = [...code.matchAll(EXPORTS)].map(([, declared, renamed]) => declared ?? renamed);
    if (names.length === 0) throw new Error(`${id} exports nothing that is known`);
    return [
      "const refuse = () => { throw new Error('JSON Schemas are in the folder schemas of the package'); };",
      ...names.map((name) => `const ${name}$ = ${MAKERS.test(name) ? '() => refuse' : 'refuse'};`),
      `export { ${names.map((name) => `${name}$ as ${name}`).join(', ')} };`,
    ].join('\n');
  },
};
