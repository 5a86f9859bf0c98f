import { expect, it } from 'vitest';
import { attempt } from '../../src/base/error.js';
import { parseImageHeader } from '../../src/formats/arm64-image.js';

const refusal = (text: string): unknown => attempt(() => parseImageHeader(new TextEncoder().encode(text)));

it('a file that is shorter than the header is named if it is another kind, else it is cut short', () => {
  expect(refusal('a short note\n')).toMatchObject({
    check: 'image-header',
    seen: expect.stringMatching(
      /header of 64 bytes.* 13 bytes; the file is a text file that begins with "a short note"/,
    ),
    cure: 'give the kernel',
  });
  expect(refusal('MZ\0\u0001')).toMatchObject({ cure: expect.stringMatching(/cut short/) });
});
