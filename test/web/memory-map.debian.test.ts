import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { chooseInInspector, openInspector } from '../support/inspector-page.js';

it('shows memory closer, by buttons, keys, clicks and the wheel', async () => {
  const kernel = join(makeTemporaryFolder(), 'vmlinuz');
  copyFileSync(corpus.cloudKernel(), kernel);
  const page = await openInspector();
  await chooseInInspector(page, [kernel]);
  const shown = () => page.evaluate<string>("document.querySelector('.map [role=status]').textContent");
  const labels = () =>
    page.evaluate<string[]>(
      "[...document.querySelectorAll('.map svg .name')].map((name) => name.textContent)",
    );
  const button = (text: string): string =>
    `[...document.querySelectorAll('.map button')].find(({ textContent }) => textContent === '${text}')`;
  const change = async (act: () => Promise<unknown>, to: (text: string) => boolean): Promise<void> => {
    await act();
    await vi.waitUntil(async () => to(await shown()));
  };
  const everything = await shown();
  const isAll = (text: string): boolean => text === everything;
  expect(everything).toBe('0x40000000..0xc0000000, 2 GiB');
  expect(await labels()).toEqual(expect.arrayContaining(['kernel', 'dtb', 'free']));
  expect(await page.evaluate(`${button('Everything')}.getAttribute('aria-disabled')`)).toBe('true');

  await change(
    () => page.click(button('Closer')),
    (text) => text.endsWith(', 1 GiB'),
  );
  await change(
    () => page.click(button('Down')),
    (text) => text.startsWith('0x40000000..'),
  );
  await change(() => page.click(button('Everything')), isAll);
  await change(
    () => page.click(button('dtb')),
    (text) => text.endsWith(' KiB'),
  );
  expect(await labels()).not.toContain('kernel');

  await change(() => page.press('0'), isAll);
  await change(
    () => page.press('+'),
    (text) => text.endsWith(', 1 GiB'),
  );
  await change(() => page.press('-'), isAll);

  const bar = "document.querySelector('.map svg .part.kernel')";
  await change(
    () => page.click(bar),
    (text) => text.endsWith(' MiB'),
  );
  expect(await labels()).toContain('kernel');
  const { x, y } = await page.evaluate<{ x: number; y: number }>(`${bar}.getBoundingClientRect().toJSON()`);
  const wheel = { type: 'mouseWheel', x: x + 5, y: y + 5, deltaX: 0, modifiers: 2 };
  const closer = await shown();
  await change(
    () => page.send('Input.dispatchMouseEvent', { ...wheel, deltaY: -100 }),
    (text) => text !== closer,
  );
  expect(page.complaints).toEqual([]);
});
