/** For an option that can be given again: all that it was given. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
