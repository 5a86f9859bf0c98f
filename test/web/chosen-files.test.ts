import { expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import { type ChosenFile, readChosenFiles } from '../../web/jobs/chosen-file.js';

function choose(name: string, contents: Blob, size = contents.size): ChosenFile {
  return { name, size, contents };
}

it('files that are read as one have their own bytes each', async () => {
  const files = ['one', '', 'three'].map((text) => choose(text, new Blob([text])));
  const texts = (await readChosenFiles(files)).map((bytes) => Buffer.from(bytes as Uint8Array).toString());
  expect(texts).toEqual(['one', '', 'three']);
});

it('a file that cannot be read, or became shorter, leaves the others as they are', async () => {
  const gone = new Blob(['gone']);
  gone.arrayBuffer = () => Promise.reject(new DOMException('it is gone', 'NotFoundError'));
  const read = await readChosenFiles([
    choose('a', new Blob(['a'])),
    choose('short', new Blob(['s']), 4),
    choose('gone', gone),
    choose('b', new Blob(['b'])),
  ]);
  expect(read[0]).toEqual(new TextEncoder().encode('a'));
  expect(read[1]).toMatchObject({ check: 'file-access', seen: 'short became shorter while it was read' });
  expect(read[2]).toBeInstanceOf(KexecError);
  expect(read[3]).toEqual(new TextEncoder().encode('b'));
});
