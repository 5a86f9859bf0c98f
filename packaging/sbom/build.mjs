/** Writes build/sbom/kexec-file.cdx.json, the bill of materials of the executable: `npm run sbom`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPublisher } from '../../scripts/publisher.mjs';
import { ROOT, readJson } from '../../scripts/setup/files.mjs';
import { readNodeRuntime } from '../node-runtime.mjs';
import { listNpmPackages } from '../npm-packages.mjs';
import { readSourceDate } from '../source-date.mjs';
import { formatBillOfMaterials } from './bill-of-materials.mjs';

const { version } = readJson(join(ROOT, 'package.json'));
const { homepage, repository } = readPublisher();
const text = formatBillOfMaterials({
  project: { version, homepage, repository },
  runtime: readNodeRuntime(),
  packages: listNpmPackages(),
  date: readSourceDate(),
});
mkdirSync(join(ROOT, 'build/sbom'), { recursive: true });
writeFileSync(join(ROOT, 'build/sbom/kexec-file.cdx.json'), text);
process.stdout.write('build/sbom/kexec-file.cdx.json\n');
