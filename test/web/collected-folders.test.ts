import { describe, expect, it } from 'vitest';
import type { ChosenFile } from '../../web/jobs/chosen-file.js';
import { isFolder } from '../../web/jobs/chosen-folder.js';
import { groupCollected } from '../../web/page/collected-folders.js';

function choose(...paths: readonly string[]): ChosenFile[] {
  return paths.map((path) => ({ name: path.split('/').at(-1) ?? '', path, size: 2, contents: 'x' }));
}

/** The paths of files, and the folders with what is in them. */
function group(...paths: readonly string[]) {
  return groupCollected(choose(...paths)).map((item) =>
    isFolder(item)
      ? { name: item.name, path: item.path, size: item.size, members: item.members.map(({ name }) => name) }
      : item.path,
  );
}

describe('chosen files', () => {
  it('become machines, folder by folder', () => {
    const files = ['racks/a/iomem', 'racks/a/cmdline', 'racks/b/fdt', 'racks/b/notes.txt', 'vmlinuz'];
    expect(group(...files)).toEqual([
      { name: 'a', path: 'racks/a', size: 4, members: ['iomem', 'cmdline'] },
      { name: 'b', path: 'racks/b', size: 2, members: ['fdt'] },
      'racks/b/notes.txt',
      'vmlinuz',
    ]);
  });

  it('can have a copy of the device tree, with any names in it', () => {
    const files = ['m/device-tree/cpus/fdt', 'm/device-tree/iomem', 'm/meminfo'];
    expect(group(...files)).toEqual([
      { name: 'm', path: 'm', size: 6, members: ['device-tree/cpus/fdt', 'device-tree/iomem', 'meminfo'] },
    ]);
  });

  it('are a machine without a folder if there are no others', () => {
    expect(group('fdt', 'iomem')).toEqual([
      { name: 'machine', path: 'machine', size: 4, members: ['fdt', 'iomem'] },
    ]);
    expect(group('iomem')).toEqual(['iomem']);
    expect(group('iomem', 'fdt', 'log')).toEqual(['log', 'iomem', 'fdt']);
  });

  it('are no machine without a file that every machine needs', () => {
    expect(group('m/cmdline', 'm/config')).toEqual(['m/cmdline', 'm/config']);
  });
});
