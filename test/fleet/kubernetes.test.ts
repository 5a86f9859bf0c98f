import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './controller.js';

const FOLDER = join(ROOT, 'fleet/kubernetes');

interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec?: object;
}

const require = createRequire(import.meta.url);
const { loadAll } = require('js-yaml') as { loadAll(text: string): ApiObject[] };

describe('the manifests for Kubernetes', () => {
  it.each(readdirSync(FOLDER).filter((file) => file.endsWith('.yaml')))('%s follows the schemas', (file) => {
    const objects = readManifest(file);
    expect(objects).not.toEqual([]);
    for (const object of objects) validate(object);
  });

  it('are held against schemas that refuse a wrong value', () => {
    const [job] = readManifest('preflight.yaml');
    const wrong = { ...job, spec: { ...job?.spec, backoffLimit: 'none' } } as ApiObject;
    expect(() => validate(wrong)).toThrow(/backoffLimit/);
  });
});

function readManifest(file: string): ApiObject[] {
  return loadAll(readFileSync(join(FOLDER, file), 'utf8'));
}

/** @throws Error if the object violates the schema of its kind; its API is part of the name of the module */
function validate(object: ApiObject): void {
  const models = require(`kubernetes-models/${object.apiVersion}`) as Record<
    string,
    new (
      data: object,
    ) => { validate(): void }
  >;
  const Model = models[object.kind];
  if (Model === undefined) throw new Error(`${object.apiVersion} has no ${object.kind}`);
  new Model(object).validate();
}
