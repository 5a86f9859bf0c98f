/** As many guests at once: QEMU takes one CPU for each CPU of a guest, and most guests have one. */
const GUESTS = 2;

/**
 * Does something for each item, for {@link GUESTS} of them at a time.
 *
 * @returns the results, in the order of the items
 */
export async function workInParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: GUESTS }, worker));
  return results;
}
