import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const IMAGE_FILE = fileURLToPath(new URL('../../build/debian-system.json', import.meta.url));

const FilesSchema = z.object({
  disk: z.string(),
  kernel: z.string(),
  initrd: z.string(),
  packages: z.string(),
  rootUuid: z.string(),
});

const ImagesSchema = z.object({
  arm64: FilesSchema.extend({ shim: z.string(), grub: z.string() }),
  amd64: FilesSchema,
});

/** The files of a Debian system: paths of the disk image, the kernel, its initrd, and the list of packages. */
export type SystemFiles = z.infer<typeof FilesSchema>;

/** Those for arm64, and the signed boot loaders that start it under Secure Boot. */
export type SystemImage = z.infer<typeof ImagesSchema>['arm64'];

/**
 * The files of a Debian system: of that for arm64, if no other architecture is named.
 *
 * @throws Error if the image has not been built
 */
export function findSystemImage(): SystemImage;
export function findSystemImage(architecture: 'arm64' | 'amd64'): SystemFiles;
export function findSystemImage(architecture: 'arm64' | 'amd64' = 'arm64'): SystemFiles {
  const hint = 'run `npm run setup -- --for system`';
  if (!existsSync(IMAGE_FILE)) throw new Error(`the Debian systems have not been built: ${hint}`);
  const { data: images } = ImagesSchema.safeParse(JSON.parse(readFileSync(IMAGE_FILE, 'utf8')));
  if (images === undefined) throw new Error(`${IMAGE_FILE} is of another version: ${hint}`);
  const image = images[architecture];
  if (!existsSync(image.disk)) throw new Error(`${image.disk} has been removed: ${hint}`);
  return image;
}
