/** Lets what else the program does be done: to draw a bar, to take a signal, to hear of other threads. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
