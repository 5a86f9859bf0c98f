/** The bill of materials of the executable, in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). */

import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import { listNodeParts } from './node-parts.mjs';

const licenses = new Contrib.License.Factories.LicenseFactory();

/**
 * Writes the bill. It depends on its arguments alone: it has no random serial number.
 *
 * @param project - `version` of kexec-file, its `homepage` and `repository`
 * @param runtime - Node: `version`, its `process.versions`, and `packages`, the npm packages that it comes in
 * @param packages - npm packages in the executable: name, version, license (SPDX), integrity
 * @param date - in seconds since 1970
 */
export function formatBillOfMaterials({ project, runtime, packages, date }) {
  const bom = new Models.Bom();
  bom.metadata.timestamp = new Date(date * 1000);
  bom.metadata.lifecycles.add(Enums.LifecyclePhase.Build);
  const program = describeProject(project);
  bom.metadata.component = program;
  for (const component of [describeNode(runtime), ...packages.map(describePackage)]) {
    bom.components.add(component);
    program.dependencies.add(component.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function describeProject({ version, homepage, repository }) {
  const { Website, VCS } = Enums.ExternalReferenceType;
  return new Models.Component(Enums.ComponentType.Application, 'kexec-file', {
    ...{ version, bomRef: `kexec-file@${version}`, licenses: listLicenses('Apache-2.0') },
    purl: formatPurl('npm', 'kexec-file', version),
    externalReferences: new Models.ExternalReferenceRepository([
      new Models.ExternalReference(homepage, Website),
      new Models.ExternalReference(repository, VCS),
    ]),
  });
}

/** Node, with its parts and the packages that it comes in. */
function describeNode({ version, versions, packages }) {
  return new Models.Component(Enums.ComponentType.Platform, 'node', {
    ...{ version, bomRef: `node@${version}`, licenses: listLicenses('MIT') },
    purl: formatPurl('generic', 'node', version),
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    components: new Models.ComponentRepository([
      ...listNodeParts(versions).map(describePart),
      ...packages.map(describePackage),
    ]),
  });
}

function describePart({ name, version, license }) {
  return new Models.Component(Enums.ComponentType.Library, name, {
    ...{ version, bomRef: `node/${name}@${version}`, licenses: listLicenses(license) },
    purl: formatPurl('generic', name, version),
  });
}

function describePackage({ name, version, license, integrity }) {
  const [unscoped, group] = name.split('/').reverse();
  return new Models.Component(Enums.ComponentType.Library, unscoped, {
    ...{ group, version, bomRef: `${name}@${version}`, licenses: listLicenses(license) },
    purl: formatPurl('npm', unscoped, version, group),
    hashes: describeDigest({ name, integrity }),
  });
}

/** The digest that npm verifies: of the package, not of what is in the executable. */
function describeDigest({ name, integrity }) {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  if (digest === undefined) throw new Error(`package-lock.json has no SHA-512 of ${name}`);
  return new Models.HashDictionary([
    [Enums.HashAlgorithm['SHA-512'], Buffer.from(digest, 'base64').toString('hex')],
  ]);
}

function listLicenses(text) {
  return new Models.LicenseRepository([licenses.makeFromString(text)]);
}

function formatPurl(type, name, version, group) {
  return new PackageURL(type, group, name, version).toString();
}
