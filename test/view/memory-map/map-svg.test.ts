import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMemoryRows } from '../../../src/view/memory-map/map-rows.js';
import { drawMemoryMap } from '../../../src/view/memory-map/map-svg.js';
import { anyMemory, board, buildSampleMachine, server, virt } from './samples.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const TAG = /<(\/?)([a-z]+)((?: [a-zA-Z:]+="[^"<]*")*)(\/?)>/y;
const ATTRIBUTE = / ([a-zA-Z:]+)="([^"]*)"/g;
const TEXT = /[^<]+/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Text without its entities; a bare ampersand, or a character that XML does not allow, is an error. */
function unescapeXml(text: string): string {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text)) throw new Error('not XML');
  return text.replace(/&([^;&]*;?)/g, (whole, name: string) => {
    const character = ENTITIES[name.replace(/;$/, '')];
    if (character === undefined || !name.endsWith(';')) throw new Error(`not an entity: ${whole}`);
    return character;
  });
}

/** Reads the little of XML that a picture needs, strictly: one root, tags that balance, quoted attributes once each. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = 0;
  while (at < xml.length) {
    const parent = open.at(-1) as Element;
    TEXT.lastIndex = at;
    TAG.lastIndex = at;
    const text = TEXT.exec(xml)?.[0];
    if (text !== undefined) {
      parent.text += unescapeXml(text);
      at += text.length;
      continue;
    }
    const [tag, end, name = '', attributes = '', empty] = TAG.exec(xml) ?? [];
    if (tag === undefined) throw new Error(`no tag: ${xml.slice(at, at + 60)}`);
    at += tag.length;
    if (end === '/') {
      if (parent.name !== name || attributes !== '' || empty === '/') throw new Error(`unbalanced: ${tag}`);
      open.pop();
      continue;
    }
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [
      key,
      unescapeXml(value),
    ]);
    const element = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
    if (Object.keys(element.attributes).length !== pairs.length) throw new Error(`attribute twice: ${tag}`);
    parent.children.push(element);
    if (empty !== '/') open.push(element);
  }
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '')
    throw new Error('no single root');
  return root.children[0] as Element;
}

function elementsOf(element: Element): Element[] {
  return [element, ...element.children.flatMap(elementsOf)];
}

/** Text of any 16-bit units, halves of surrogate pairs and control characters included, and some markup. */
const anyTitle = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom('<', '>', '&', '"', "'", '</title>', '<script>', ']]>', '<!--', '&#0;', '\u0000'),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

describe('drawMemoryMap', () => {
  it.each([
    ['virt', virt],
    ['server', server],
    ['board', board],
    ['a machine alone', { machine: server.machine, kimage: undefined }],
    ['no RAM', { machine: buildSampleMachine({}), kimage: undefined }],
  ])('is well-formed, self-contained and has a title: %s', (name, { machine, kimage }) => {
    const svg = drawMemoryMap(buildMemoryRows(machine, kimage), { title: name });
    const root = parseXml(svg);
    expect(root).toMatchObject({
      name: 'svg',
      attributes: { role: 'img', xmlns: 'http://www.w3.org/2000/svg' },
    });
    expect(root.children[0]).toMatchObject({ name: 'title', text: name });
    const names = new Set(elementsOf(root).map((element) => element.name));
    const drawn = [
      'desc',
      'defs',
      'g',
      'path',
      'pattern',
      'polygon',
      'polyline',
      'rect',
      'style',
      'svg',
      'text',
      'tspan',
    ];
    expect([...drawn, 'title']).toEqual(expect.arrayContaining([...names]));
    const references = [...svg.matchAll(/(?:url\(|href|src)[^)]*/g)].map(([reference]) => reference);
    expect(references.every((reference) => reference.startsWith('url(#kexec-map-'))).toBe(true);
  });

  it('is well-formed for any memory and title, and no title adds markup', () => {
    fc.assert(
      fc.property(anyMemory, anyTitle, ({ machine, kimage }, title) => {
        const rows = buildMemoryRows(machine, kimage);
        const shape = (svg: string) =>
          elementsOf(parseXml(svg)).map(({ name, attributes }) => [name, attributes]);
        expect(shape(drawMemoryMap(rows, { title }))).toEqual(shape(drawMemoryMap(rows, { title: 'plain' })));
      }),
    );
  });

  it('escapes a hostile title and keeps its text', () => {
    const title = `</title><script>alert('1 & "2"')</script>\u0000\ud800`;
    const root = parseXml(drawMemoryMap(buildMemoryRows(virt.machine), { title }));
    expect(root.children[0]?.text).toBe(`</title><script>alert('1 & "2"')</script>\ufffd\ufffd`);
  });

  it('cuts a title that is too long for the picture', () => {
    const root = parseXml(drawMemoryMap(buildMemoryRows(virt.machine), { title: '𝕏'.repeat(500) }));
    const shown = elementsOf(root).find(({ attributes }) => attributes.class === 'title')?.text ?? '';
    expect(shown).toMatch(/^𝕏{20,60}…$/u);
    expect(root.children[0]?.text).toMatch(/^𝕏+ … \(500 characters\) … 𝕏+$/u);
  });

  it('labels every part with its name, range and size, and describes the picture in words', () => {
    const root = parseXml(drawMemoryMap(buildMemoryRows(virt.machine, virt.kimage), { title: 'virt' }));
    const texts = elementsOf(root)
      .filter(({ name }) => name === 'text')
      .map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining(['kernel', '27 MiB', '0x40200000..0x41d00000', 'scale: 8 MiB']),
    );
    expect(texts).toContain(
      '2 GiB of RAM within 0x40000000..0xc0000000; physical addresses, growing upwards',
    );
    expect(root.children[1]?.text).toContain('purgatory: 4 KiB at 0xbfdff000..0xbfe00000, entry 0xbfdff000.');
  });

  it('marks shortened parts with a break in each bar and enlarged parts with an arrow between the bars', () => {
    const root = parseXml(drawMemoryMap(buildMemoryRows(virt.machine, virt.kimage), { title: 'virt' }));
    const count = (wanted: string): number => root.children.filter(({ name }) => name === wanted).length;
    const legend = { polygons: 1, arrows: 1 };
    expect(count('polygon')).toBe(2 + legend.polygons);
    expect(count('path')).toBe(6 + legend.arrows);
  });

  it('has the titles of both bars, and parts that a look styles', () => {
    const svg = drawMemoryMap(buildMemoryRows(virt.machine, virt.kimage), { title: 'virt' });
    const texts = elementsOf(parseXml(svg)).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['now', 'next kernel']));
    const style = /<style>(.*?)<\/style>/s.exec(svg)?.[1] ?? '';
    for (const [, look] of svg.matchAll(/class="part ([a-z-]+)"/g)) expect(style).toContain(`.${look} {`);
  });
});
