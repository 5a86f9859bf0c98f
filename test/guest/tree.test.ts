import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCpio } from '../../src/formats/cpio.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { GuestTree } from './tree.js';

const MERGED = ['bin', 'sbin', 'lib'];

/** Names in the archive, without the links that every tree has. */
function namesOf(tree: GuestTree): string[] {
  return parseCpio(tree.toCpio())
    .entries.map(({ name }) => name)
    .filter((name) => !MERGED.includes(name));
}

describe('GuestTree', () => {
  it('links /bin, /sbin and /lib into /usr, and adds files there by either path', () => {
    const tree = new GuestTree();
    tree.addFile('/lib/one', Buffer.from('1'));
    tree.addFile('/usr/lib/two', Buffer.from('2'));
    const links = parseCpio(tree.toCpio()).entries.slice(0, 3);
    expect(links.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual(
      MERGED.map((name) => [name, `usr/${name}`]),
    );
    expect(namesOf(tree)).toEqual(['usr', 'usr/lib', 'usr/lib/one', 'usr/lib/two']);
  });

  it('adds a directory once, before its contents', () => {
    const tree = new GuestTree();
    tree.addFile('/a/b/c', Buffer.from(''));
    tree.addLink('/a/b/d', 'c');
    expect(namesOf(tree)).toEqual(['a', 'a/b', 'a/b/c', 'a/b/d']);
  });

  it('keeps the later of two files with the same path', () => {
    const tree = new GuestTree();
    tree.addFile('/a', Buffer.from('old'));
    tree.addFile('/a', Buffer.from('new'));
    expect(namesOf(tree)).toEqual(['a']);
    expect(Buffer.from(parseCpio(tree.toCpio()).entries.at(-1)?.bytes ?? []).toString()).toBe('new');
  });

  it('keeps the permissions of files of the host', () => {
    const path = join(makeTemporaryFolder(), 'file');
    writeFileSync(path, 'text', { mode: 0o640 });
    const tree = new GuestTree();
    tree.addFileOfHost('/file', path);
    expect(parseCpio(tree.toCpio()).entries.at(-1)).toMatchObject({ name: 'file', mode: 0o100640 });
  });
});
