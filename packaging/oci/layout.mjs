/** Writes an image as a layout of the OCI Image Format Specification 1.1, in one archive. */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packFolder } from '../pack-folder.mjs';

const TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/**
 * Writes an archive with an image for several architectures.
 *
 * @param path - of the archive
 * @param name - of the image in it
 * @param images - for each architecture: `architecture`, as Go names it; `layers`, each with a `folder`, `createdBy` and
 *   `comment`, the lowest first; `config`, what a container is run with
 * @param created - the date of the image, as RFC 3339 has it
 * @param annotations - of the image
 */
export function writeImage({ path, name, images, created, annotations }) {
  mkdirSync(dirname(path), { recursive: true });
  const work = mkdtempSync(join(dirname(path), '.packing-'));
  try {
    const layout = join(work, 'layout');
    mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
    const manifests = images.map((image) => writeManifest({ layout, work, created, annotations }, image));
    const index = { schemaVersion: 2, mediaType: TYPES.index, manifests, annotations };
    const descriptor = writeJsonBlob(layout, TYPES.index, index);
    writeJson(join(layout, 'index.json'), {
      schemaVersion: 2,
      mediaType: TYPES.index,
      manifests: [{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } }],
    });
    writeJson(join(layout, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
    const archive = join(work, 'archive');
    packFolder(archive, layout, ['oci-layout', 'index.json', 'blobs'], ['--mode=u=rwX,go=rX']);
    renameSync(archive, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function writeManifest({ layout, work, created, annotations }, { architecture, layers, config }) {
  const written = layers.map(({ folder }) => writeLayer(layout, work, folder));
  const platform = { architecture, os: 'linux' };
  const configDescriptor = writeJsonBlob(layout, TYPES.config, {
    created,
    ...platform,
    config: { ...config, Labels: annotations },
    rootfs: { type: 'layers', diff_ids: written.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy, comment }) => ({ created, created_by: createdBy, comment })),
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: configDescriptor,
    layers: written.map(({ descriptor }) => descriptor),
    annotations,
  };
  return { ...writeJsonBlob(layout, TYPES.manifest, manifest), platform };
}

function writeLayer(layout, work, folder) {
  const tar = join(work, 'layer.tar');
  packFolder(tar, folder, ['.']);
  const bytes = readFileSync(tar);
  return {
    diffId: digest(bytes),
    descriptor: writeBlob(layout, TYPES.layer, gzipSync(bytes, { level: 9 })),
  };
}

function writeJsonBlob(layout, mediaType, value) {
  return writeBlob(layout, mediaType, Buffer.from(JSON.stringify(value)));
}

/** @returns the descriptor of the blob */
function writeBlob(layout, mediaType, bytes) {
  const name = digest(bytes);
  writeFileSync(join(layout, 'blobs', name.replace(':', '/')), bytes);
  return { mediaType, digest: name, size: bytes.length };
}

function writeJson(path, value) {
  writeFileSync(path, JSON.stringify(value));
}

function digest(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
