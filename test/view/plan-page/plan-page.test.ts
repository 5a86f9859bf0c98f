import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import { rangeOf } from '../../../src/base/range.js';
import type { TrailEntry } from '../../../src/base/trail.js';
import { addNode, ensureNode, setProperty } from '../../../src/formats/fdt/edit.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { encodeString } from '../../../src/formats/fdt/values.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import type { LoadResult } from '../../../src/kexec/file-load.js';
import { formatPlanPage } from '../../../src/view/plan-page/plan-page.js';
import { buildMachine, buildSmallDeviceTree, GIB, MIB } from '../../support/machine.js';

type Node = DefaultTreeAdapterTypes.Node;

/** All nodes of a page. @throws Error for the first parse error of the HTML specification */
function parsePage(page: string): Node[] {
  const document = parse(page, {
    onParseError: ({ code, startLine, startCol }) => {
      throw new Error(`${code} at ${startLine}:${startCol}`);
    },
  });
  const nodes: Node[] = [];
  const left: Node[] = [document];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    nodes.push(node);
    if ('childNodes' in node) left.push(...node.childNodes.toReversed());
  }
  return nodes;
}

function readText(nodes: readonly Node[]): string {
  return nodes
    .filter(defaultTreeAdapter.isTextNode)
    .map(({ value }) => value)
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}

/** The shape of a page: elements and names of attributes, without texts. */
function readShape(nodes: readonly Node[]): string[] {
  return nodes
    .filter(defaultTreeAdapter.isElementNode)
    .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '));
}

/** A load in which a text stands wherever text out of files, machines or arguments does. */
function buildLoad(text: string) {
  const running = parseFdt(buildSmallDeviceTree());
  setProperty(running, ensureNode(running, '/chosen'), 'bootargs', encodeString('quiet'));
  const next = parseFdt(writeFdt(running));
  const name = text.replaceAll(/[/\0]|[^\0-\xff]/g, '_').slice(0, 200);
  setProperty(next, ensureNode(next, '/chosen'), 'bootargs', encodeString(text.replaceAll('\0', '')));
  setProperty(next, addNode(next.root, name), name, Uint8Array.of(1, 2, 3));
  setProperty(next, ensureNode(next, '/chosen'), 'kaslr-seed', Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2));
  const machine = buildMachine({
    name: text,
    reserved: [rangeOf(GIB, MIB)],
    arm64: { deviceTree: writeFdt(running) },
  });
  const kimage = {
    type: 'default',
    entry: GIB + 64n * MIB,
    segments: [
      { name: 'kernel', bytes: new Uint8Array(100), mem: GIB + 64n * MIB, memsz: MIB },
      { name: 'dtb', bytes: writeFdt(next), mem: GIB + 128n * MIB, memsz: MIB },
    ],
  } as const;
  const holes = Array.from({ length: 60 }, (_, index) => ({
    range: rangeOf(BigInt(index), 1n),
    why: 'too small' as const,
  }));
  const trail: TrailEntry[] = [
    { check: 'dtb-chosen', verdict: 'ok', detail: text },
    { check: 'dtb-chosen', verdict: 'note', detail: text, cure: text },
    { check: 'segment-hole', verdict: 'refused', errno: 'EADDRNOTAVAIL', detail: text, holes },
  ];
  const refusal = new KexecError('zboot', 'ENOEXEC', text, { cure: text });
  const options = { kernel: { name: text, identity: { release: text } }, facts: [[text, text]] as const };
  const format = (result: LoadResult) => formatPlanPage(result, machine, options);
  return { loads: format({ kimage, trail: trail.slice(0, 2) }), refused: format({ refusal, trail }) };
}

const HOSTILE = [
  `"></td></style></title><script>alert(1)</script><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)' ]]> <!-- -->  --> &amp; &#x3c;script&#x3e;`,
  '\u202e\u0000\u001b[2K\u2028\ud800\uffff<\u200b/script>',
];

describe('formatPlanPage', () => {
  const { loads, refused } = buildLoad('vmlinuz');

  it('begins with the outcome, and has memory, segments, changes and every check', () => {
    const text = readText(parsePage(loads));
    expect(text).toContain('vmlinuz (Linux vmlinuz) loads on vmlinuz: 2 segments, entry 0x44000000');
    const headings = ['Segments', 'Physical memory, now and', 'Changes of the device tree', 'Checks, in'];
    const places = headings.map((heading) => text.indexOf(heading));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toContain('of_kexec_alloc_and_setup_fdt()');
  });

  it('lists what changes in the device tree, and shows no seed', () => {
    const text = readText(parsePage(loads));

    for (const part of ['"quiet"', '"vmlinuz"', '/vmlinuz', '[01 02 03]', '8 random bytes, not shown'])
      expect(text).toContain(part);
    expect(text).not.toMatch(/0x9080706|09 08 07/);
  });

  it('shows a refusal with its cure, the trail, and memory as it is now', () => {
    const text = readText(parsePage(refused));
    expect(text).toContain('vmlinuz (Linux vmlinuz) is refused on vmlinuz: ENOEXEC (zboot): vmlinuz');
    for (const part of [
      'Refused: ENOEXEC (zboot)',
      'Cure vmlinuz',
      'kexec-file explain zboot',
      'and 10 more',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('Segments');
    expect(text).not.toContain('next kernel starts');
  });

  it('needs nothing else, and lets no script run', () => {
    for (const page of [loads, refused]) {
      const nodes = parsePage(page);
      const shape = readShape(nodes);
      expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
      expect(
        shape.filter((element) => /^(script|img|link|iframe|object|a)\b| (src|href|on\w+)/.test(element)),
      ).toEqual([]);
      const urls = [...page.matchAll(/url\(([^)]*)|@import/g)].map(([, url]) => url);
      expect(urls.every((url) => url?.startsWith('#kexec-map-'))).toBe(true);
      expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    }
  });

  it('has each identifier once', () => {
    const ids = [...loads.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(HOSTILE)('keeps %j text, wherever it stands', (text) => {
    const plain = buildLoad('vmlinuz vmlinuz');
    const hostile = buildLoad(text);
    for (const kind of ['loads', 'refused'] as const) {
      const nodes = parsePage(hostile[kind]);
      expect(readShape(nodes)).toEqual(readShape(parsePage(plain[kind])));
      expect(hostile[kind].replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}|\u2028|\u2029/u);
    }
  });

  it('shortens a name of 4,000 characters', () => {
    const { loads: long } = buildLoad('x'.repeat(4000));
    expect(long).toContain('(4000 characters)');
    expect(long).not.toContain('x'.repeat(300));
  });

  it('says so if the device trees cannot be compared, or do not differ', () => {
    const machine = buildMachine();
    const dtb = { name: 'dtb', bytes: machine.arm64.deviceTree, mem: GIB, memsz: MIB } as const;
    const format = (segments: readonly (typeof dtb)[]) =>
      readText(
        parsePage(
          formatPlanPage({ kimage: { type: 'default', entry: 0n, segments }, trail: [] }, machine, {
            kernel: { name: 'x', identity: {} },
          }),
        ),
      );
    expect(format([dtb])).toContain('Unchanged.');
    expect(format([])).toContain('Unknown: one of the two device trees');
  });
});
