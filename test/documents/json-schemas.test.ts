import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('docs/json.md links every schema of the package', () => {
  const text = readFileSync('docs/json.md', 'utf8');
  const linked = [...text.matchAll(/\]\(\.\.\/schemas\/([\w-]+\.json)\)/g)].map(([, file]) => file);
  expect(linked.sort()).toEqual(readdirSync('schemas').sort());
});

/** The fields of a schema and of the objects in it, by their paths, that have no description. */
function listUndescribed(schema: JsonSchema, path: string): string[] {
  const { properties = {}, items } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [
      ...(field.description === undefined ? [`${path}.${name}`] : []),
      ...listUndescribed(field, `${path}.${name}`),
    ]),
    ...(items === undefined ? [] : listUndescribed(items, `${path}[]`)),
  ];
}

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

it('schemas/machine.json describes every field of a machine file', () => {
  const { anyOf } = JSON.parse(readFileSync('schemas/machine.json', 'utf8'));
  const [file] = anyOf;
  expect(Object.keys(file.properties)).toContain('deviceTree');
  expect(listUndescribed(file, 'machine')).toEqual([]);
});
