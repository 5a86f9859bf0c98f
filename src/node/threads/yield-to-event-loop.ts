/** Lets the rest of the program run: progress bars, signals, messages of other threads. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
