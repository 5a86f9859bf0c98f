/**
 * Builds the image for pipelines, for linux/amd64 and linux/arm64, on any machine that has apt and tar: `npm run image`
 * writes build/oci/kexec-file-VERSION.oci.tar. docs/pipelines.md describes it.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readPublisher } from '../../scripts/publisher.mjs';
import { ROOT, readJson } from '../../scripts/setup/files.mjs';
import { ensureBuild, ensureExecutables } from '../../scripts/setup/project.mjs';
import { listComponents } from '../components.mjs';
import { formatCopyright } from '../debian/copyright.mjs';
import { run } from '../executable/run.mjs';
import { readSourceDate } from '../source-date.mjs';
import { writeBaseLayer, writeProgramLayer } from './image-layers.mjs';
import { writeImage } from './layout.mjs';

const OUTPUT = join(ROOT, 'build/oci');

/** The architectures: Debian's names of them, which are those of the format, too; and Node's. */
const CPUS = { amd64: 'x64', arm64: 'arm64' };

/** How a container is run. The user is a number, so that no entry in /etc/passwd is needed; it needs no rights. */
const CONFIG = {
  User: '65532:65532',
  WorkingDir: '/work',
  Env: ['PATH=/usr/bin'],
  Entrypoint: ['/usr/bin/kexec-file'],
  Cmd: ['--help'],
};

function buildImage() {
  const { version, description, license } = readJson(join(ROOT, 'package.json'));
  const publisher = readPublisher();
  const date = new Date(readSourceDate() * 1000);
  const documents = {
    copyright: formatCopyright(publisher, date.getUTCFullYear(), listComponents()),
    sbom: readFileSync(join(ROOT, 'build/sbom/kexec-file.cdx.json')),
  };
  const path = join(OUTPUT, `kexec-file-${version}.oci.tar`);
  mkdirSync(OUTPUT, { recursive: true });
  const work = mkdtempSync(join(OUTPUT, '.layers-'));
  try {
    const images = Object.entries(CPUS).map(([architecture, cpu]) => {
      const [base, program] = [join(work, architecture, 'base'), join(work, architecture, 'program')];
      const executable = join(ROOT, `build/executable/kexec-file-linux-${cpu}`);
      writeBaseLayer(base, cpu, architecture);
      writeProgramLayer(program, { executable, ...documents });
      const layers = [
        { folder: base, createdBy: 'npm run image', comment: "Debian's libraries and busybox" },
        { folder: program, createdBy: 'npm run image', comment: `kexec-file ${version}` },
      ];
      return { architecture, layers, config: CONFIG };
    });
    const annotations = {
      'org.opencontainers.image.title': 'kexec-file',
      'org.opencontainers.image.description': description,
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': license,
      'org.opencontainers.image.url': publisher.homepage,
      'org.opencontainers.image.source': publisher.repository,
    };
    writeImage({ path, name: version, images, created: date.toISOString(), annotations });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.stdout.write(`${relative(ROOT, path)}: ${(statSync(path).size / 1e6).toFixed(1)} MB\n`);
}

try {
  ensureBuild();
  ensureExecutables();
  run(process.execPath, [join(ROOT, 'packaging/sbom/build.mjs')], { cwd: ROOT });
  buildImage();
} catch (error) {
  process.stderr.write(`image: ${error.message}\n`);
  process.exitCode = 1;
}
