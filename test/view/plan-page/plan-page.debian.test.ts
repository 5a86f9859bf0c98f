import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan } from '../../../src/node/plan/plan-files.js';
import { formatPlanPage } from '../../../src/view/plan-page/plan-page.js';
import { openInChromium } from '../../support/chromium.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { server } from '../memory-map/samples.js';

/** What a reader would notice: what hangs over the edge, and letters that are too small to read. */
const MEASURE = `(() => {
  const isShown = (element) => element.getClientRects().length > 0;
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter((element) => {
    const { right, width: own } = element.getBoundingClientRect();
    return isShown(element) && own > 0 && right > width + 1 && element.closest('svg.definitions, thead') === null;
  });
  const picture = [...document.querySelectorAll('.picture svg')].filter(isShown);
  return {
    scroll: document.documentElement.scrollWidth - width,
    wide: wide.map(({ tagName, className }) => tagName + '.' + (className.baseVal ?? className)),
    pictures: picture.map(({ classList }) => [...classList].at(-1)),
    scale: Math.min(...picture.map((svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)),
  };
})()`;

describe("a plan's page in a browser", () => {
  it('fits 420 and 1200 pixels with a legible picture, runs no script and loads nothing', async () => {
    const machine = { ...server.machine, name: 'a-server-with-a-rather-long-name.rack-17.example.org' };
    const result = await plan('test/witness/witness.Image', { machine: 'qemu-virt' });
    const trail = result.trail;
    const file = join(makeTemporaryFolder(), 'plan.html');
    writeFileSync(
      file,
      formatPlanPage({ kimage: server.kimage, trail }, machine, {
        kernel: { name: `vmlinuz-${'6.12.117+deb12-'.repeat(12)}arm64`, identity: {} },
        facts: [['Command line', 'console=ttyAMA0 '.repeat(40)]],
      }),
    );
    const page = await openInChromium(file, { scripts: false });
    for (const [width, picture] of [
      [420, 'narrow'],
      [1200, 'wide'],
    ] as const) {
      await page.setWidth(width);
      const { scale, ...measured } = await page.evaluate<{ scale: number }>(MEASURE);
      expect(measured).toEqual({ scroll: 0, wide: [], pictures: [picture] });
      expect(scale).toBeGreaterThan(0.8);
    }
    expect(page.requests).toHaveLength(1);
    expect(page.complaints).toEqual([]);
  });
});
